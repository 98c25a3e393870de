package dev.fairway.bench.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// A network namespace for each node, all of them on one bridge, in addresses that are reserved for
/// such measurements (RFC 2544). This process must be in a network namespace of its own.
///
/// A cut is silent, as a broken cable is: what one side sends goes to a hardware address that
/// nobody has, and nobody is told.
final class Network implements AutoCloseable {
  private static final String PREFIX = "198.18.7.";
  private static final String NOWHERE = "02:00:00:00:de:ad";
  private static final int COMMAND_SECONDS = 20;

  /// Where this process is reached by the nodes.
  static final String HERE = PREFIX + "1";

  /// All addresses of the network.
  static final String ALL = PREFIX + "0/24";

  /// @param holder a process that does nothing but keep the namespace
  private record Place(String address, Process holder) {}

  private final Map<String, Place> places = new LinkedHashMap<>();

  /// How many cuts there are between the two; several may overlap.
  private final Map<Set<String>, Integer> cuts = new HashMap<>();

  Network() {
    run("ip", "link", "set", "lo", "up");
    run("ip", "link", "add", "name", "bridge", "type", "bridge");
    run("ip", "link", "set", "bridge", "up");
    run("ip", "addr", "add", HERE + "/24", "dev", "bridge");
  }

  /// Adds a node, which reaches all others.
  void add(String node) {
    try {
      var address = PREFIX + (places.size() + 2);
      // It ends when its input does, so it does not outlive this process.
      var holder = new ProcessBuilder("unshare", "--net", "sh", "-c", "echo in; read -r _").start();
      holder.getInputStream().readNBytes("in\n".length());
      var place = new Place(address, holder);
      var outside = "to-" + places.size();
      run(
          "ip",
          "link",
          "add",
          outside,
          "type",
          "veth",
          "peer",
          "name",
          "eth0",
          "netns",
          pid(place));
      run("ip", "link", "set", outside, "master", "bridge", "up");
      places.put(node, place);
      inside(node, "ip", "link", "set", "lo", "up");
      inside(node, "ip", "addr", "add", address + "/24", "dev", "eth0");
      inside(node, "ip", "link", "set", "eth0", "up");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String address(String node) {
    return place(node).address();
  }

  /// The words that start a program on the node.
  List<String> on(String node) {
    return List.of("nsenter", "--target", pid(place(node)), "--net", "--");
  }

  /// From now on neither hears the other.
  void cut(String one, String other) {
    if (cuts.merge(Set.of(one, other), 1, Integer::sum) == 1) {
      deafen(one, other);
      deafen(other, one);
    }
  }

  /// They hear each other again, once every cut between them is mended.
  void mend(String one, String other) {
    if (cuts.merge(Set.of(one, other), -1, Integer::sum) == 0) {
      hear(one, other);
      hear(other, one);
    }
  }

  private void deafen(String one, String other) {
    inside(
        one,
        "ip",
        "neigh",
        "replace",
        address(other),
        "lladdr",
        NOWHERE,
        "nud",
        "permanent",
        "dev",
        "eth0");
  }

  private void hear(String one, String other) {
    inside(one, "ip", "neigh", "del", address(other), "dev", "eth0");
  }

  private void inside(String node, String... command) {
    var whole = new ArrayList<>(on(node));
    whole.addAll(List.of(command));
    run(whole.toArray(String[]::new));
  }

  private Place place(String node) {
    var place = places.get(node);
    if (place == null) {
      throw new IllegalArgumentException("no node " + node);
    }
    return place;
  }

  private static String pid(Place place) {
    return Long.toString(place.holder().pid());
  }

  private static void run(String... command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    places.values().forEach(place -> place.holder().destroyForcibly());
  }
}
