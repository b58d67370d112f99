{{- define "common.service" -}}
{{- $plain := include "common.plain" . | fromYaml -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "common.fullname" . }}-app
  {{- include "common.metadata" . | nindent 2 }}
    app.kubernetes.io/component: app
  {{- with .Values.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ .Values.service.type }}
  selector:
    {{- include "common.selector" . | nindent 4 }}
  ports:
    - name: http
      port: {{ include "common.text" .Values.service.port }}
      targetPort: http
      {{- if .Values.tls.existingSecret }}
      appProtocol: https
      {{- end }}
    {{- if include "common.on" (get $plain "PROMETHEUS_ENABLED") }}
    - name: metrics
      port: {{ get $plain "PROMETHEUS_EXPORTER_PORT" }}
      targetPort: metrics
    {{- end }}
{{- end -}}

{{- define "common.ingress" -}}
{{- if include "common.on" .Values.ingress.enabled -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "common.fullname" . }}-app
  {{- include "common.metadata" . | nindent 2 }}
  {{- with .Values.ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .Values.ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- with .Values.ingress.tls }}
  tls:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  rules:
    {{- range include "common.hosts" . | fromYamlArray }}
    - host: {{ . | quote }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ include "common.fullname" $ }}-app
                port:
                  name: http
    {{- end }}
{{- end -}}
{{- end -}}

{{/* The hosts that are written, or those of the public addresses. */}}
{{- define "common.hosts" -}}
{{- $hosts := list -}}
{{- range .Values.ingress.hosts -}}{{- if .host -}}{{- $hosts = append $hosts .host -}}{{- end -}}{{- end -}}
{{- if not $hosts -}}
{{- $plain := include "common.plain" . | fromYaml -}}
{{- range list "FRONTEND_URL" "FRONTEND_BASE_URL_WITH_PROTOCOL" "BACKEND_BASE_URL_WITH_PROTOCOL" -}}
{{- with get $plain . -}}{{- $hosts = append $hosts (urlParse .).hostname -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- uniq $hosts | toYaml -}}
{{- end -}}
