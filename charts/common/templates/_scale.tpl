{{- define "common.hpa" -}}
{{- if include "common.on" .Values.hpa.enabled -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "common.fullname" . }}-app
  {{- include "common.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "common.fullname" . }}-app
  minReplicas: {{ include "common.text" .Values.hpa.app.minReplicas }}
  maxReplicas: {{ include "common.text" .Values.hpa.app.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ include "common.text" .Values.hpa.app.targetCPUUtilizationPercentage }}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 300
{{- end -}}
{{- end -}}

{{- define "common.pdb" -}}
{{- if include "common.on" .Values.podDisruptionBudget.enabled -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "common.fullname" . }}-app
  {{- include "common.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ include "common.text" .Values.podDisruptionBudget.maxUnavailable }}
  selector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
{{- end -}}
{{- end -}}
