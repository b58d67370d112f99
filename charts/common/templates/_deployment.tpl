{{- define "common.deployment" -}}
{{- $about := include "common.about" . | fromYaml -}}
{{- $plain := include "common.plain" . | fromYaml -}}
{{- $name := printf "%s-environment" (include "common.fullname" .) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "common.fullname" . }}-app
  {{- include "common.metadata" . | nindent 2 }}
spec:
  {{- if not (include "common.on" .Values.hpa.enabled) }}
  replicas: {{ include "common.text" .Values.app.replica }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  selector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "common.labels" . | nindent 8 }}
        app.kubernetes.io/component: app
        {{- with .Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        checksum/configmap: {{ toYaml $plain | sha256sum }}
        {{- /* One sum over all of them: by itself that of a weak password could be guessed from. */}}
        checksum/secrets: {{ printf "%s\n%s" (include "common.ownSecrets" .) (include "common.existingContents" .) | sha256sum }}
        {{- with .Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "common.pod" (dict "top" .) | nindent 6 }}
      serviceAccountName: {{ include "common.fullname" . }}
      {{- /*
      No preStop pause: after SIGTERM the program itself takes new connections for SHUTDOWN_DRAIN_SECONDS, until
      every proxy has heard that this pod is going. 20 seconds more for what is under way, some for the database.
      */}}
      terminationGracePeriodSeconds: {{ get $plain "SHUTDOWN_DRAIN_SECONDS" | default "5" | int | add 35 }}
      {{- with .Values.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "common.selector" $ | nindent 14 }}
        {{- end }}
      containers:
        - name: app
          {{- include "common.container" (dict "top" . "configmap" $name "secret" $name) | nindent 10 }}
          args: [serve]
          ports:
            - name: http
              containerPort: {{ get $plain "PORT" }}
            {{- if include "common.on" (get $plain "PROMETHEUS_ENABLED") }}
            - name: metrics
              containerPort: {{ get $plain "PROMETHEUS_EXPORTER_PORT" }}
            {{- end }}
          startupProbe:
            {{- include "common.probe" (dict "top" . "path" "/health/startup") | nindent 12 }}
            periodSeconds: 2
            timeoutSeconds: 2
            failureThreshold: 30
          livenessProbe:
            {{- include "common.probe" (dict "top" . "path" "/health/liveness") | nindent 12 }}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            {{- include "common.probe" (dict "top" . "path" "/health/readiness") | nindent 12 }}
            periodSeconds: 5
            timeoutSeconds: 4
            failureThreshold: 2
          resources:
            {{- toYaml .Values.app.resources | nindent 12 }}
{{- end -}}

{{- define "common.serviceaccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "common.fullname" . }}
  {{- include "common.metadata" . | nindent 2 }}
  {{- with .Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end -}}

{{/* The tables are brought up to date before the first new replica starts; the old ones go on meanwhile. */}}
{{- define "common.migration" -}}
{{- $name := printf "%s-environment-migration" (include "common.fullname" .) -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "common.fullname" . }}-migrate
  {{- include "common.metadata" . | nindent 2 }}
  {{- include "common.hook" "0" | nindent 2 }}
spec:
  backoffLimit: 3
  activeDeadlineSeconds: {{ include "common.text" .Values.migration.activeDeadlineSeconds }}
  template:
    metadata:
      labels:
        {{- include "common.labels" . | nindent 8 }}
        app.kubernetes.io/component: migration
        {{- with include "common.ownLabels" . }}
        {{- . | nindent 8 }}
        {{- end }}
      {{- with include "common.ownAnnotations" . }}
      annotations:
        {{- . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "common.pod" (dict "top" .) | nindent 6 }}
      restartPolicy: Never
      containers:
        - name: migrate
          {{- include "common.container" (dict "top" . "configmap" $name "secret" $name) | nindent 10 }}
          args: [database, upgrade]
          resources:
            {{- toYaml .Values.migration.resources | nindent 12 }}
{{- end -}}

{{/* Of pods that end (migration, test): those of every pod, and `migration.…` over them. */}}
{{- define "common.ownLabels" -}}
{{- with mergeOverwrite (deepCopy (.Values.podLabels | default dict)) (.Values.migration.podLabels | default dict) -}}{{- toYaml . -}}{{- end -}}
{{- end -}}

{{- define "common.ownAnnotations" -}}
{{- with mergeOverwrite (deepCopy (.Values.podAnnotations | default dict)) (.Values.migration.podAnnotations | default dict) -}}{{- toYaml . -}}{{- end -}}
{{- end -}}

{{/* `helm test`: the command is the chart's own. */}}
{{- define "common.test" -}}
{{- $name := printf "%s-environment" (include "common.fullname" .) -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "common.fullname" . }}-test
  {{- include "common.metadata" . | nindent 2 }}
    app.kubernetes.io/component: test
    {{- with include "common.ownLabels" . }}
    {{- . | nindent 4 }}
    {{- end }}
  annotations:
    {{- with include "common.ownAnnotations" . }}
    {{- . | nindent 4 }}
    {{- end }}
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  {{- include "common.pod" (dict "top" .) | nindent 2 }}
  restartPolicy: Never
  containers:
    - name: test
      {{- include "common.container" (dict "top" . "configmap" $name "secret" $name) | nindent 6 }}
      {{- include "common.testCommand" . | nindent 6 }}
      resources:
        {{- toYaml .Values.migration.resources | nindent 8 }}
{{- end -}}
