# syntax=docker/dockerfile:1

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# Restored before the sources are there, so that a change of code does not restore again.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/FastGate.Protocol/FastGate.Protocol.csproj src/FastGate.Protocol/
COPY src/FastGate/FastGate.csproj src/FastGate/
RUN dotnet restore src/FastGate

COPY .editorconfig ./
COPY src/ src/
RUN dotnet publish src/FastGate -c Release --no-restore -o /app

# Empty directories to be copied with the right owner; the runtime image's user is 1654.
RUN mkdir -p /empty/data /empty/config

FROM mcr.microsoft.com/dotnet/aspnet:10.0
LABEL org.opencontainers.image.title="FastGate" \
      org.opencontainers.image.description="A gateway for fleets of voice devices" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
COPY --from=build /app ./
COPY --from=build --chown=1654:1654 /empty/data /var/lib/fastgate/data
COPY --from=build --chown=1654:1654 /empty/config /var/lib/fastgate/config
COPY LICENSE ./

# Relative paths of the configuration start here: data/fastgate.db.
WORKDIR /var/lib/fastgate
# A config.yaml of the old server or an appsettings.json in this volume is read as soon as it is there.
ENV FASTGATE_CONFIG_FOLDER=/var/lib/fastgate/config
VOLUME ["/var/lib/fastgate/data", "/var/lib/fastgate/config"]
USER 1654:1654

# Devices, and public HTTP (OTA, health). The admin door stays on the container's loopback until it has a token.
EXPOSE 8000 8003

# The server's own client: the image has no curl.
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s --retries=3 \
  CMD ["dotnet", "/app/FastGate.dll", "healthcheck"]

# Drains within Drain:Deadline (7 s) on SIGTERM, below the ten seconds that docker stop grants.
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "/app/FastGate.dll"]
