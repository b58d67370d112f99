{{/*
What is missing or cannot work, all of it at once, named as it is written in values. Values that
are wrong by themselves (placeholders, schemes, lengths) are refused by values.schema.json before.
*/}}

{{- define "common.check" -}}
{{- $about := include "common.about" . | fromYaml -}}
{{- $plain := include "common.plain" . | fromYaml -}}
{{- $secrets := include "common.secrets" . | fromYaml -}}
{{- $faults := list -}}
{{- if not .Values.image.repository -}}
{{- $faults = append $faults "image.repository is missing: where you pushed the image that docker/ of this repository makes" -}}
{{- end -}}
{{- range $about.required -}}
{{- $unneeded := and (eq .key "COGNIGY_PLATFORM_APP_TOKEN") (not (include "common.tokenWanted" $)) -}}
{{- if not (or $unneeded (hasKey $plain .key) (hasKey $secrets .key)) -}}
{{- $faults = append $faults (printf "%s is missing (%s): %s" .place .key .fix) -}}
{{- end -}}
{{- end -}}
{{- if include "common.on" (get $plain "FEATURE_USE_COGNIGY_LIVE_AGENT") -}}
{{- range $about.withLiveAgent -}}
{{- if and (not (hasKey $plain .key)) (not (hasKey $secrets .key)) -}}
{{- $faults = append $faults (printf "%s is missing (%s) although FEATURE_USE_COGNIGY_LIVE_AGENT is on: %s" .place .key .fix) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $faults = include "common.checkServices" (dict "top" . "plain" $plain "secrets" $secrets) | fromYamlArray | concat $faults -}}
{{- if $faults -}}
{{- fail (printf "\n\n%s cannot be installed with these values:\n  - %s\n\nOne command makes what both sides must have: see docs/how-to/install-with-helm.md.\n" .Chart.Name (join "\n  - " $faults)) -}}
{{- end -}}
{{- end -}}

{{- define "common.checkServices" -}}
{{- $values := .top.Values -}}
{{- if include "common.on" $values.postgresql.enabled }}
- {{ "postgresql.enabled: this chart brings no PostgreSQL. Set it to false and name yours in postgresql.host" | quote }}
{{- else if not (or (hasKey .plain "POSTGRES_HOST") (hasKey .secrets "DATABASE_URL")) }}
- {{ "postgresql.host is missing (POSTGRES_HOST): the host of PostgreSQL" | quote }}
{{- else if not (or (hasKey .secrets "POSTGRES_PASSWORD") (hasKey .secrets "DATABASE_URL")) }}
- {{ "postgresql.auth.existingSecret is missing (POSTGRES_PASSWORD): the secret with the password of the database's user" | quote }}
{{- end }}
{{- if hasPrefix "sqlite:" (get (get .secrets "DATABASE_URL" | default dict) "value" | default "") }}
- {{ "DATABASE_URL names SQLite, which serves one process: name a PostgreSQL" | quote }}
{{- end }}
{{- if include "common.on" $values.redis.enabled }}
- {{ "redis.enabled: this chart brings no Valkey or Redis. Set it to false and name yours in redis.host (or none)" | quote }}
{{- end }}
{{- if and (include "common.on" $values.ingress.enabled) (not (hasKey .plain "TRUSTED_PROXIES")) }}
- {{ printf "%s.TRUSTED_PROXIES is missing although ingress.enabled is on: the network of your ingress controller's pods, such as 10.42.0.0/16. Without it everybody has the ingress's address, so that one attacker locks everybody's login" (include "common.about" .top | fromYaml).environment | quote }}
{{- end }}
{{- if and (get .plain "SMTP_USERNAME") (not (hasKey .secrets "SMTP_PASSWORD")) }}
- {{ "smtp.secret is missing (SMTP_PASSWORD): the secret with the password of SMTP_USERNAME" | quote }}
{{- end }}
{{- if ne "true" (get .plain "REST_CLIENT_SSL_VERIFICATION" | default "true" | lower) }}
- {{ "restClient.ssl.verification is off (REST_CLIENT_SSL_VERIFICATION): TLS is always verified. Name the authority's certificates in restClient.ssl.CASecret" | quote }}
{{- end }}
{{- if $values.restClient.ssl.clientCertSecret }}
- {{ "restClient.ssl.clientCertSecret: this Live Agent shows no client certificate to others. Remove it" | quote }}
{{- end }}
{{- end -}}
