# syntax=docker/dockerfile:1
# Two images: the default one runs on the .NET runtime; `--target edge` is one native program, which starts faster and needs less memory.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS source
WORKDIR /source

# Restore before the sources are copied, so that a change of code reuses this layer.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/FastGate.Protocol/FastGate.Protocol.csproj src/FastGate.Protocol/
COPY src/FastGate.Transport/FastGate.Transport.csproj src/FastGate.Transport/
COPY src/FastGate/FastGate.csproj src/FastGate/
RUN dotnet restore src/FastGate

COPY .editorconfig ./
COPY src/ src/
# The commands print it.
COPY docs/options.md docs/

# Empty directories for the volumes, copied below with the owner 1654 (the user of the runtime image).
RUN mkdir -p /empty/data /empty/config

# ReadyToRun: code that is compiled in advance for the architecture of the image starts in less than half the time.
FROM source AS build
RUN dotnet publish src/FastGate -c Release --use-current-runtime --self-contained false -p:PublishReadyToRun=true -o /app

# Native AOT compiles for the architecture of the image, and its linker is the C compiler's.
FROM source AS build-edge
RUN apt-get update \
    && apt-get install -y --no-install-recommends clang zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
RUN dotnet publish src/FastGate -c Release --use-current-runtime -p:PublishAot=true -o /app

# The voice detector's model, with the licence of its package.
FROM node:22-bookworm-slim AS voice
COPY .ci/voice-model /
RUN /voice-model /models

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0 AS edge
LABEL org.opencontainers.image.title="FastGate edge" \
      org.opencontainers.image.description="A gateway for fleets of voice devices, as one native program" \
      org.opencontainers.image.licenses="MIT"
RUN apt-get update \
    && apt-get install -y --no-install-recommends libopus0 espeak-ng \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build-edge /app ./
COPY --from=voice /models ./models
ENV FastGate__Speech__Vad__Model=/app/models/silero_vad.onnx
COPY --from=source --chown=1654:1654 /empty/data /var/lib/fastgate/data
COPY --from=source --chown=1654:1654 /empty/config /var/lib/fastgate/config
COPY LICENSE ./
WORKDIR /var/lib/fastgate
ENV FASTGATE_CONFIG_FOLDER=/var/lib/fastgate/config
VOLUME ["/var/lib/fastgate/data", "/var/lib/fastgate/config"]
USER 1654:1654
EXPOSE 8000 8003
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s --retries=3 \
  CMD ["/app/FastGate", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/FastGate"]

# The default image. Why each line is there holds for the edge image too.
FROM mcr.microsoft.com/dotnet/aspnet:10.0
LABEL org.opencontainers.image.title="FastGate" \
      org.opencontainers.image.description="A gateway for fleets of voice devices" \
      org.opencontainers.image.licenses="MIT"
# Opus for voices, and a voice that needs no service.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libopus0 espeak-ng \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app ./
COPY --from=voice /models ./models
ENV FastGate__Speech__Vad__Model=/app/models/silero_vad.onnx
COPY --from=source --chown=1654:1654 /empty/data /var/lib/fastgate/data
COPY --from=source --chown=1654:1654 /empty/config /var/lib/fastgate/config
COPY LICENSE ./

# Relative paths such as data/fastgate.db start here.
WORKDIR /var/lib/fastgate
# A config.yaml of xiaozhi-server or an appsettings.json in this folder is read at start and reload.
ENV FASTGATE_CONFIG_FOLDER=/var/lib/fastgate/config
VOLUME ["/var/lib/fastgate/data", "/var/lib/fastgate/config"]
USER 1654:1654

# Devices, and public HTTP (OTA, health). The admin listener stays on the container's loopback address until a token is set.
EXPOSE 8000 8003

# The image has no curl.
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s --retries=3 \
  CMD ["dotnet", "/app/FastGate.dll", "healthcheck"]

# SIGTERM drains within Drain:Deadline (7 s), less than the ten seconds of docker stop.
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "/app/FastGate.dll"]
