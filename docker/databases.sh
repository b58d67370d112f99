#!/bin/sh
# Run once by the PostgreSQL image: a database and a user for each system.
set -eu
for system in cognigy_ai live_agent; do
	case $system in
	cognigy_ai) password=$COGNIGY_AI_DATABASE_PASSWORD ;;
	live_agent) password=$LIVE_AGENT_DATABASE_PASSWORD ;;
	esac
	psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" -v name="$system" -v password="$password" <<-'END'
		CREATE USER :"name" PASSWORD :'password';
		CREATE DATABASE :"name" OWNER :"name";
	END
done
