{{/*
From values to the environment of the program. What becomes what stands in files/environment.yaml,
which is made from src/live_agent/helm/places.py and the settings by `make docs`.
*/}}

{{/* The value at a path such as `postgresql.auth.username`, as text; empty if there is none. */}}
{{- define "common.at" -}}
{{- $at := .values -}}
{{- range splitList "." .path -}}
{{- if kindIs "map" $at -}}{{- $at = get $at . -}}{{- else -}}{{- $at = "" -}}{{- end -}}
{{- end -}}
{{- include "common.text" $at -}}
{{- end -}}

{{/* Helm reads 1209600 as a floating point number, whose own text is 1.2096e+06. */}}
{{- define "common.text" -}}
{{- if kindIs "float64" . -}}
{{- if eq . (floor .) -}}{{- printf "%.0f" . -}}{{- else -}}{{- toString . -}}{{- end -}}
{{- else if or (kindIs "map" .) (kindIs "slice" .) (kindIs "invalid" .) -}}
{{- else -}}{{- toString . -}}
{{- end -}}
{{- end -}}

{{/* Is a switch on? As the program reads it: true, or the word in quotes, however it is written. */}}
{{- define "common.on" -}}
{{- if eq "true" (include "common.text" . | lower) -}}yes{{- end -}}
{{- end -}}

{{/* The first path that holds something. */}}
{{- define "common.first" -}}
{{- $found := "" -}}
{{- range .paths -}}
{{- if not $found -}}{{- $found = include "common.at" (dict "values" $.values "path" .) -}}{{- end -}}
{{- end -}}
{{- $found -}}
{{- end -}}

{{/* Keys that are no secret, as a map. What is written under its own name wins. */}}
{{- define "common.plain" -}}
{{- $about := include "common.about" . | fromYaml -}}
{{- $out := dict "LISTEN_ADDRESS" "0.0.0.0" "PORT" (toString $about.port) -}}
{{- range $about.blocks -}}
{{- $value := include "common.first" (dict "values" $.Values "paths" .paths) -}}
{{- if $value -}}{{- $_ := set $out .key $value -}}{{- end -}}
{{- end -}}
{{- range $key, $value := include "common.computed" . | fromYaml -}}
{{- if $value -}}{{- $_ := set $out $key $value -}}{{- end -}}
{{- end -}}
{{- if .Values.restClient.ssl.CASecret -}}
{{- $_ := set $out "SSL_CA_FILE" (printf "/etc/ssl/authority/%s" .Values.restClient.ssl.CASecretKey) -}}
{{- end -}}
{{- if .Values.tls.existingSecret -}}
{{- $_ := set $out "TLS_CERT_FILE" "/etc/ssl/served/tls.crt" -}}
{{- $_ := set $out "TLS_KEY_FILE" "/etc/ssl/served/tls.key" -}}
{{- end -}}
{{- range $key, $given := get .Values $about.environment -}}
{{- $value := include "common.text" $given -}}
{{- if and $value (has $key $about.plain) -}}{{- $_ := set $out $key $value -}}{{- end -}}
{{- end -}}
{{- toYaml $out -}}
{{- end -}}

{{/*
Secrets, as a map: key to {name, key} of a secret in the cluster, or to {value} that this chart
puts into a secret of its own. A secret that was written among the plain keys is one all the same.
*/}}
{{- define "common.secrets" -}}
{{- $about := include "common.about" . | fromYaml -}}
{{- $written := get .Values $about.environment | default dict -}}
{{- $out := dict -}}
{{- range $about.secrets -}}
{{- $secret := . -}}
{{- range .existing -}}
{{- $name := include "common.at" (dict "values" $.Values "path" .name) -}}
{{- $key := .defaultKey -}}
{{- if .key -}}{{- $key = include "common.at" (dict "values" $.Values "path" .key) | default .defaultKey -}}{{- end -}}
{{- if and $name $key (not (hasKey $out $secret.key)) -}}
{{- $_ := set $out $secret.key (dict "name" $name "key" $key) -}}
{{- end -}}
{{- end -}}
{{- $value := include "common.first" (dict "values" $.Values "paths" .paths) -}}
{{- if and $value (not (hasKey $out .key)) -}}{{- $_ := set $out .key (dict "value" $value) -}}{{- end -}}
{{- end -}}
{{- range $key := $about.secret -}}
{{- $value := include "common.text" (get $written $key) -}}
{{- if and $value (not (hasKey $out $key)) -}}{{- $_ := set $out $key (dict "value" $value) -}}{{- end -}}
{{- $at := get ($.Values.secretEnvironment | default dict) $key -}}
{{- if $at -}}{{- $_ := set $out $key (dict "name" $at.name "key" $at.key) -}}{{- end -}}
{{- end -}}
{{- if not (include "common.tokenWanted" .) -}}
{{- range list "" "_PREVIOUS" -}}{{- $_ := unset $out (print "COGNIGY_PLATFORM_APP_TOKEN" .) -}}{{- end -}}
{{- end -}}
{{- include "common.bus" (dict "top" . "out" $out "keys" $about.secret) -}}
{{- toYaml $out -}}
{{- end -}}

{{/* A provider that is not Cognigy.AI sets no accounts up: Live Agent then gets no token for it. */}}
{{- define "common.tokenWanted" -}}
{{- if not (hasKey .Values "cognigyPlatformAppToken") -}}yes
{{- else -}}{{- include "common.on" .Values.cognigyPlatformAppToken.enabled -}}
{{- end -}}
{{- end -}}

{{/* REDIS_URL holds a password, so it is a secret, or is put together in the container from one. */}}
{{- define "common.bus" -}}
{{- $redis := .top.Values.redis -}}
{{- if and $redis.host (has "REDIS_URL" .keys) (not (hasKey .out "REDIS_URL")) -}}
{{- $written := get .top.Values (include "common.about" .top | fromYaml).environment | default dict -}}
{{- $tls := or (include "common.on" $redis.tls) (include "common.on" (get $written "REDIS_TLS")) -}}
{{- $scheme := empty $tls | ternary "redis" "rediss" -}}
{{- $host := regexMatch "^[^\\[].*:" $redis.host | ternary (printf "[%s]" $redis.host) $redis.host -}}
{{- $end := printf "%s:%s/%s" $host (include "common.text" $redis.port) (include "common.text" $redis.database) -}}
{{- $name := $redis.auth.existingSecret -}}
{{- $password := $redis.auth.password | default $redis.password -}}
{{- if $name -}}
{{- $_ := set .out "REDIS_PASSWORD" (dict "name" $name "key" ($redis.auth.existingSecretPasswordKey | default "redis-password")) -}}
{{- $_ := set .out "REDIS_URL" (dict "expanded" (printf "%s://:$(REDIS_PASSWORD)@%s" $scheme $end)) -}}
{{- else if $password -}}
{{- $_ := set .out "REDIS_URL" (dict "value" (printf "%s://:%s@%s" $scheme (include "common.text" $password | urlquery | replace "+" "%20") $end)) -}}
{{- else -}}
{{- $_ := set .out "REDIS_URL" (dict "value" (printf "%s://%s" $scheme $end)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The secret of this chart: what was written into values. */}}
{{- define "common.ownSecrets" -}}
{{- $out := dict -}}
{{- range $key, $from := include "common.secrets" . | fromYaml -}}
{{- if $from.value -}}{{- $_ := set $out $key $from.value -}}{{- end -}}
{{- end -}}
{{- toYaml $out -}}
{{- end -}}

{{/* `env` of a container. Alphabetical, so REDIS_PASSWORD stands before REDIS_URL, which names it. */}}
{{- define "common.env" -}}
{{- range $key, $from := include "common.secrets" .top | fromYaml }}
- name: {{ $key }}
  {{- if $from.expanded }}
  value: {{ $from.expanded | quote }}
  {{- else }}
  valueFrom:
    secretKeyRef:
      name: {{ $from.name | default $.secret | quote }}
      key: {{ $from.key | default $key | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* What the secrets hold that the cluster has already: a new value there rolls the pods at the next upgrade. */}}
{{- define "common.existingContents" -}}
{{- $names := dict -}}
{{- range $key, $from := include "common.secrets" . | fromYaml -}}
{{- if $from.name -}}{{- $_ := set $names $from.name true -}}{{- end -}}
{{- end -}}
{{- range list .Values.restClient.ssl.CASecret .Values.tls.existingSecret -}}
{{- if . -}}{{- $_ := set $names . true -}}{{- end -}}
{{- end -}}
{{- range $name, $_ := $names -}}
{{- $found := lookup "v1" "Secret" $.Release.Namespace $name -}}
{{- $name }} {{ get ($found | default dict) "data" | default dict | toJson }}
{{ end -}}
{{- end -}}
