{{/* What every pod has: `top`, `configmap` and `secret` name its environment. */}}

{{- define "common.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false # they would add variables such as REDIS_PORT
{{- with .top.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .top.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .top.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 64Mi
  {{- with .top.Values.restClient.ssl.CASecret }}
  - name: authority
    secret:
      secretName: {{ . | quote }}
  {{- end }}
  {{- with .top.Values.tls.existingSecret }}
  - name: served
    secret:
      secretName: {{ . | quote }}
  {{- end }}
  {{- with .top.Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "common.container" -}}
image: {{ include "common.image" .top | quote }}
imagePullPolicy: {{ .top.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  privileged: false
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
  seccompProfile:
    type: RuntimeDefault
envFrom:
  - configMapRef:
      name: {{ .configmap | quote }}
{{- with include "common.env" . | trim }}
env:
  {{- . | nindent 2 }}
{{- end }}
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- if .top.Values.restClient.ssl.CASecret }}
  - name: authority
    mountPath: /etc/ssl/authority
    readOnly: true
  {{- end }}
  {{- if .top.Values.tls.existingSecret }}
  - name: served
    mountPath: /etc/ssl/served
    readOnly: true
  {{- end }}
  {{- with .top.Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "common.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
  scheme: {{ .top.Values.tls.existingSecret | empty | ternary "HTTP" "HTTPS" }}
{{- end -}}
