{{- define "common.monitoring" -}}
{{- if and (include "common.on" .Values.metrics.enabled) (include "common.on" .Values.metrics.serviceMonitor.enabled) }}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ include "common.fullname" . }}
  {{- include "common.metadata" . | nindent 2 }}
    {{- with .Values.metrics.serviceMonitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
  endpoints:
    - port: metrics
      path: /metrics
      interval: {{ .Values.metrics.serviceMonitor.interval }}
{{- end }}
{{- if and (include "common.on" .Values.metrics.enabled) (include "common.on" .Values.metrics.prometheusRule.enabled) }}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {{ include "common.fullname" . }}
  {{- include "common.metadata" . | nindent 2 }}
    {{- with .Values.metrics.prometheusRule.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- $job := printf "%s-app" (include "common.fullname" .) }}
  {{- .Files.Get "files/alerts.yaml" | replace "@job@" $job | replace "@namespace@" .Release.Namespace | nindent 2 }}
{{- end }}
{{- if and (include "common.on" .Values.metrics.enabled) (include "common.on" .Values.metrics.dashboard.enabled) }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "common.fullname" . }}-dashboard
  {{- include "common.metadata" . | nindent 2 }}
    {{- toYaml .Values.metrics.dashboard.labels | nindent 4 }}
data:
  {{ .Chart.Name }}.json: |
    {{- .Files.Get "files/dashboard.json" | nindent 4 }}
{{- end }}
{{- end -}}
