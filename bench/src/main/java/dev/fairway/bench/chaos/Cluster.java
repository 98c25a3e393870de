package dev.fairway.bench.chaos;

import dev.fairway.agent.AgentMain;
import dev.fairway.cli.Main;
import dev.fairway.server.db.EmbeddedPostgreSql;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// One PostgreSQL, servers that share it and a data folder, and agents that may use any of them;
/// each a process of its own on its own node of the network.
final class Cluster implements AutoCloseable {
  private static final String DATABASE = "database";
  private static final int SERVERS = 2;
  private static final int AGENTS = 3;
  private static final int SLOTS = 4;
  private static final int PORT = 7070;
  private static final int DATABASE_PORT = 5432;

  /// Who is there.
  record Names(List<String> servers, List<String> agents, String database) {}

  static final Names NAMES =
      new Names(numbered("server", SERVERS), numbered("agent", AGENTS), DATABASE);

  private final Path home;
  private final Network network;
  private final int leaseSeconds;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final String password;

  /// Makes the database, and starts it; no server yet.
  Cluster(Path home, Network network, Duration lease) throws IOException {
    this.home = home;
    this.network = network;
    this.leaseSeconds = (int) lease.toSeconds();
    network.add(DATABASE);
    names().servers().forEach(network::add);
    names().agents().forEach(network::add);
    var postgres = home.resolve("postgresql");
    // Unpacks the programs and makes the database; then it is ours.
    EmbeddedPostgreSql.open(postgres).close();
    this.password = Files.readString(postgres.resolve("password"));
    var data = postgres.resolve("data");
    Files.writeString(
        data.resolve("pg_hba.conf"), "host all all " + Network.ALL + " scram-sha-256\n");
    var program = postgres.resolve(Files.readAllLines(postgres.resolve("programs")).getFirst());
    var command = new ArrayList<>(List.of("unshare", "--user", program.toString(), "-D"));
    command.addAll(List.of(data.toString(), "-p", Integer.toString(DATABASE_PORT)));
    for (var setting : List.of("fsync=on", "listen_addresses=*", "unix_socket_directories=")) {
      command.addAll(List.of("-c", setting));
    }
    add(DATABASE, command, Map.of());
    node(DATABASE).start();
  }

  Names names() {
    return NAMES;
  }

  private static List<String> numbered(String name, int count) {
    return IntStream.rangeClosed(1, count).mapToObj(number -> name + "-" + number).toList();
  }

  /// As libpq writes it.
  String databaseUrl() {
    return "postgresql://postgres:%s@%s:%d/postgres"
        .formatted(password, network.address(DATABASE), DATABASE_PORT);
  }

  String password() {
    return password;
  }

  String jdbcUrl() {
    return "jdbc:postgresql://%s:%d/postgres".formatted(network.address(DATABASE), DATABASE_PORT);
  }

  /// What the servers share.
  Path data() {
    return home.resolve("data");
  }

  URI url(String server) {
    return URI.create("http://" + network.address(server) + ":" + PORT);
  }

  /// Starts a server for the first time.
  void startServer(String server) {
    var command = java(256, "-Dfairway.lease.seconds=" + leaseSeconds, Main.class);
    command.addAll(List.of("up", "--replica", "--data", data().toString()));
    command.addAll(List.of("--bind", network.address(server), "--port", Integer.toString(PORT)));
    add(server, command, Map.of("FAIRWAY_DATABASE_URL", databaseUrl()));
    node(server).start();
  }

  /// Starts an agent for the first time.
  void startAgent(String agent, String token) throws IOException {
    var folder = Files.createDirectories(home.resolve(agent));
    var file = Files.writeString(folder.resolve("token"), token);
    var command = java(96, "-Dfairway.agent=" + agent, AgentMain.class);
    names()
        .servers()
        .forEach(server -> command.addAll(List.of("--server", url(server).toString())));
    command.addAll(List.of("--token-file", file.toString(), "--data"));
    command.addAll(List.of(folder.resolve("data").toString(), "--name", agent));
    command.addAll(List.of("--slots", Integer.toString(SLOTS), "--maven-repository", "none"));
    command.addAll(List.of("--hide", home.toString()));
    add(agent, command, Map.of());
    node(agent).start();
  }

  private static List<String> java(int heapMegabytes, String property, Class<?> main) {
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx" + heapMegabytes + "m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UseBASE64Intrinsics",
            "--enable-native-access=ALL-UNNAMED",
            property,
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
  }

  private void add(String name, List<String> command, Map<String, String> environment) {
    nodes.put(name, new Node(name, network, command, environment, home.resolve(name + ".log")));
  }

  Node node(String name) {
    var node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("no node " + name);
    }
    return node;
  }

  /// Begins what the fault is.
  void begin(Fault fault) {
    if (fault.isDeath()) {
      node(fault.one()).kill();
    } else {
      network.cut(fault.one(), fault.other());
    }
  }

  /// Ends it.
  void end(Fault fault) {
    if (fault.isDeath()) {
      node(fault.one()).start();
    } else {
      network.mend(fault.one(), fault.other());
    }
  }

  /// Starts whoever is dead, a PostgreSQL that could not start yet for one.
  void reviveAll() {
    nodes.values().forEach(Node::start);
  }

  @Override
  public void close() {
    // The agents first, with their jobs.
    nodes.values().stream().toList().reversed().forEach(Node::close);
  }
}
