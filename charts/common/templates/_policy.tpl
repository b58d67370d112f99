{{/*
Who may reach the pods, and where they may go. The policy of the servers is replaced after the
migration has run, so the job has one of its own that is there before it.
*/}}

{{- define "common.networkpolicy" -}}
{{- if include "common.on" .Values.networkPolicy.enabled -}}
{{- $plain := include "common.plain" . | fromYaml -}}
---
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
    matchExpressions:
      - key: app.kubernetes.io/component
        operator: In
        values: [app, test]
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
    {{- if include "common.on" (get $plain "PROMETHEUS_ENABLED") }}
    - ports:
        - protocol: TCP
          port: metrics
      {{- with .Values.networkPolicy.metricsFrom }}
      from:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    {{- end }}
  egress:
    {{- include "common.egress" . | nindent 4 }}
    - to: # `helm test` asks a server
        - podSelector:
            matchLabels:
              {{- include "common.selector" . | nindent 14 }}
      ports:
        - protocol: TCP
          port: {{ get $plain "PORT" }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "common.fullname" . }}-migration
  {{- include "common.metadata" . | nindent 2 }}
  {{- include "common.hook" "-10" | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: {{ .Chart.Name }}
      app.kubernetes.io/instance: {{ .Release.Name }}
      app.kubernetes.io/component: migration
  policyTypes: [Ingress, Egress]
  egress:
    {{- include "common.egress" . | nindent 4 }}
{{- end -}}
{{- end -}}

{{- define "common.egress" -}}
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
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
Ports of what this program calls: database, bus, mail, and the addresses in its settings. An address
that lies in a secret of the cluster is not read here: postgresql.port and redis.port say its port.
*/}}
{{- define "common.ports" -}}
{{- $plain := include "common.plain" . | fromYaml -}}
{{- $secrets := include "common.secrets" . | fromYaml -}}
{{- $ports := dict "443" true -}}
{{- $database := get (get $secrets "DATABASE_URL" | default dict) "value" -}}
{{- range include "common.portsOf" (dict "address" $database "default" (get $plain "POSTGRES_PORT" | default "5432")) | fromYamlArray -}}
{{- $_ := set $ports (toString .) true -}}
{{- end -}}
{{- with get $secrets "REDIS_URL" -}}
{{- $port := include "common.text" $.Values.redis.port | default "6379" -}}
{{- range include "common.portsOf" (dict "address" .value "default" $port) | fromYamlArray -}}
{{- $_ := set $ports (toString .) true -}}
{{- end -}}
{{- end -}}
{{- if get $plain "SMTP_ADDRESS" -}}{{- $_ := set $ports (get $plain "SMTP_PORT" | default "587") true -}}{{- end -}}
{{- range $key, $value := $plain -}}
{{- if regexMatch "^https?://" $value -}}
{{- $usual := hasPrefix "https:" $value | ternary "443" "80" -}}
{{- range include "common.portsOf" (dict "address" $value "default" $usual) | fromYamlArray -}}
{{- $_ := set $ports (toString .) true -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range keys $ports | sortAlpha }}
- {{ . }}
{{- end -}}
{{- end -}}

{{/* The port of each host of an address (one of a database may name several), or the usual one. */}}
{{- define "common.portsOf" -}}
{{- $default := .default -}}
{{- $hosts := .address | default "" | toString -}}
{{- range list "^[^:/]*://" "[?#].*$" "^.*@" "/.*$" -}}
{{- $hosts = regexReplaceAll . $hosts "" -}}
{{- end -}}
{{- range splitList "," $hosts }}
- {{ regexFind ":[0-9]+$" . | trimPrefix ":" | default $default }}
{{- end -}}
{{- end -}}
