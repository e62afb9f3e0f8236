# The image of a release. Unpack freshet-<version>.tar.gz, then, in that directory:
#   docker build -t freshet .
#   docker run --rm -v "$PWD/freshet.yaml:/etc/freshet/freshet.yaml:ro" freshet run --config /etc/freshet/freshet.yaml
FROM eclipse-temurin:25-jre

RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/freshet freshet
COPY --chown=root:root . /opt/freshet
USER freshet
WORKDIR /var/lib/freshet
ENTRYPOINT ["/opt/freshet/bin/freshet"]
