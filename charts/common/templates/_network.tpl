{{- define "common.service" -}}
{{- $plain := include "common.plain" . | fromYaml -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "common.fullname" . }}-app
  {{- include "common.metadata" . | nindent 2 }}
    app.kubernetes.io/component: app
spec:
  type: {{ .Values.service.type }}
  selector:
    {{- include "common.selector" . | nindent 4 }}
  ports:
    - name: http
      port: {{ include "common.text" .Values.service.port }}
      targetPort: http
    {{- if eq "true" (get $plain "PROMETHEUS_ENABLED" | default "" | lower) }}
    - name: metrics
      port: {{ get $plain "PROMETHEUS_EXPORTER_PORT" }}
      targetPort: metrics
    {{- end }}
{{- end -}}

{{- define "common.ingress" -}}
{{- if .Values.ingress.enabled -}}
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

{{- define "common.networkpolicy" -}}
{{- if .Values.networkPolicy.enabled -}}
{{- $plain := include "common.plain" . | fromYaml -}}
{{- $metrics := eq "true" (get $plain "PROMETHEUS_ENABLED" | default "" | lower) -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "common.fullname" . }}
  {{- include "common.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: {{ .Chart.Name }}
      app.kubernetes.io/instance: {{ .Release.Name }}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports:
        - protocol: TCP
          port: http
      {{- with .Values.networkPolicy.ingressFrom }}
      from:
        {{- toYaml . | nindent 8 }}
        - podSelector:
            matchLabels:
              app.kubernetes.io/instance: {{ $.Release.Name }}
              app.kubernetes.io/component: test
      {{- end }}
    {{- if $metrics }}
    - ports:
        - protocol: TCP
          port: metrics
      {{- with .Values.networkPolicy.metricsFrom }}
      from:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    {{- end }}
  egress:
    - ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
    - ports:
        {{- range include "common.ports" . | fromYamlArray }}
        - protocol: TCP
          port: {{ . }}
        {{- end }}
    {{- with .Values.networkPolicy.extraEgress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
{{- end -}}

{{/* Ports of what this program calls: database, bus, mail, and the addresses in its settings. */}}
{{- define "common.ports" -}}
{{- $plain := include "common.plain" . | fromYaml -}}
{{- $ports := dict -}}
{{- $_ := set $ports (get $plain "POSTGRES_PORT" | default "5432") true -}}
{{- if .Values.redis.host -}}{{- $_ := set $ports (include "common.text" .Values.redis.port) true -}}{{- end -}}
{{- if get $plain "SMTP_ADDRESS" -}}{{- $_ := set $ports (get $plain "SMTP_PORT" | default "587") true -}}{{- end -}}
{{- $_ := set $ports "443" true -}}
{{- range $key, $value := $plain -}}
{{- if hasPrefix "https://" $value -}}
{{- with regexFind ":[0-9]+$" (urlParse $value).host -}}{{- $_ := set $ports (trimPrefix ":" .) true -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range keys $ports | sortAlpha }}
- {{ . }}
{{- end -}}
{{- end -}}
