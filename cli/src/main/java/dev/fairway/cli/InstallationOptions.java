package dev.fairway.cli;

import dev.fairway.agent.AgentConfig;
import dev.fairway.server.http.Ingress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// Where the system on this machine keeps its data and listens.
final class InstallationOptions {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where everything is kept (default: ${DEFAULT-VALUE}).")
  Path data = Path.of(System.getProperty("user.home"), ".local", "share", "fairway");

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "The server's port (default: ${DEFAULT-VALUE}).")
  int port = 7070;

  @Option(
      names = "--proxy-port",
      paramLabel = "N",
      description = "Where the services' traffic comes in (default: ${DEFAULT-VALUE}).")
  int proxyPort = 7071;

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      description = "The address that server and proxy listen on (default: ${DEFAULT-VALUE}).")
  String bind = "127.0.0.1";

  @Option(
      names = "--public-url",
      paramLabel = "URL",
      description = "Where people find the server, if a proxy of yours ends TLS before it.")
  private String publicUrl = "";

  @Option(
      names = "--trusted-proxy",
      paramLabel = "ADDRESS",
      description = "A proxy whose X-Forwarded-For is believed, besides this machine's own.")
  private List<String> trustedProxies = List.of();

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "How many jobs run at a time (default: ${DEFAULT-VALUE}).")
  int slots = Runtime.getRuntime().availableProcessors() + 1;

  @Option(
      names = "--labels",
      paramLabel = "LABEL,...",
      split = ",",
      description =
          "What `runs-on` may ask this machine for (default: self-hosted, linux, the processor's,"
              + " and ubuntu-latest, so that workflows of GitHub run as they are).")
  private List<String> labels = List.of();

  /// What `runs-on` may ask the agent for.
  List<String> labels() {
    if (!labels.isEmpty()) {
      return labels;
    }
    var all = new ArrayList<>(AgentConfig.defaultLabels());
    all.add("ubuntu-latest");
    return all;
  }

  /// Whether only a server starts, which shares the work of others.
  boolean replica;

  /// How people's requests come in. Without a public address there is no proxy to believe.
  Ingress ingress() {
    if (publicUrl.isEmpty() && trustedProxies.isEmpty()) {
      return Ingress.STRAIGHT;
    }
    var proxies = new ArrayList<>(List.of("127.0.0.1", "::1"));
    proxies.addAll(trustedProxies);
    return Ingress.of(publicUrl, proxies);
  }
}
