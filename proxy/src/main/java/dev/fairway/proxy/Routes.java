package dev.fairway.proxy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.ProxyRoute;
import dev.fairway.api.ProxyRouteStatus;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The table of routes: read without a lock by every request, changed under one by the admin.
///
/// A switch is first on disk, then one volatile write. From that write on, no request enters the
/// former upstream.
final class Routes {
  /// What requests see of a route. Its hosts lead to it through [#byHost]; which upstream serves is
  /// one volatile field, null once the route is removed.
  private static final class Entry {
    private volatile @Nullable Upstream current;
    private final Deque<Upstream> former = new ArrayDeque<>();
  }

  private final String epoch;
  private final InstantSource clock;
  private final Consumer<List<ProxyRoute>> save;
  private final Consumer<ProxyRoute> closePool;
  private final ReentrantLock changing = new ReentrantLock();
  private final Map<String, Entry> byName = new TreeMap<>();
  private final Map<String, Entry> byHost = new ConcurrentHashMap<>();

  /// @param save keeps the routes; returns only when they are safe on disk
  /// @param closePool closes the idle connections to the upstream of that route and generation
  Routes(
      String epoch,
      InstantSource clock,
      List<ProxyRoute> kept,
      Consumer<List<ProxyRoute>> save,
      Consumer<ProxyRoute> closePool) {
    this.epoch = epoch;
    this.clock = clock;
    this.save = save;
    this.closePool = closePool;
    kept.forEach(this::install);
  }

  /// The upstream that serves `host`, entered: the caller owes it a [Upstream#leave]. Null if no
  /// route has the host.
  @Nullable Upstream enter(String host) {
    while (true) {
      var entry = byHost.get(host);
      var upstream = entry == null ? null : entry.current;
      if (entry == null || upstream == null) {
        return null;
      }
      upstream.enter();
      // A switch between the read and the entry would let this request slip behind the drain.
      if (entry.current == upstream) {
        return upstream;
      }
      upstream.leave();
    }
  }

  ProxyRouteStatus put(ProxyRoute route) {
    changing.lock();
    try {
      var entry = byName.get(route.name());
      var present = entry == null || entry.current == null ? null : entry.current.route();
      if (entry != null && route.equals(present)) {
        return status(entry);
      }
      refuseUnfit(route, present);
      var all = new ArrayList<ProxyRoute>();
      all.add(route);
      present().stream().filter(kept -> !kept.name().equals(route.name())).forEach(all::add);
      save.accept(all);
      return status(install(route));
    } finally {
      changing.unlock();
    }
  }

  void remove(String name) {
    changing.lock();
    try {
      var entry = byName.get(name);
      if (entry == null) {
        return;
      }
      save.accept(present().stream().filter(kept -> !kept.name().equals(name)).toList());
      byName.remove(name);
      byHost.values().removeIf(entry::equals);
      var last = entry.current;
      entry.current = null;
      if (last != null) {
        last.retire();
      }
    } finally {
      changing.unlock();
    }
  }

  List<ProxyRouteStatus> list() {
    changing.lock();
    try {
      return byName.values().stream().map(this::status).toList();
    } finally {
      changing.unlock();
    }
  }

  ProxyRouteStatus show(String name) {
    changing.lock();
    try {
      return status(entry(name));
    } finally {
      changing.unlock();
    }
  }

  Upstream upstream(String name, long generation) {
    changing.lock();
    try {
      return upstreams(entry(name)).stream()
          .filter(upstream -> upstream.route().generation() == generation)
          .findFirst()
          .orElseThrow(() -> notFound("route " + name + " has no generation " + generation));
    } finally {
      changing.unlock();
    }
  }

  private void refuseUnfit(ProxyRoute route, @Nullable ProxyRoute present) {
    if (present != null && route.generation() <= present.generation()) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "route %s is at generation %d (%s); %d is not newer"
              .formatted(route.name(), present.generation(), present.release(), route.generation()),
          "Read the route and decide again.");
    }
    if (present == null && byName.size() >= Limits.ROUTES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "the proxy has its limit of " + Limits.ROUTES + " routes",
          "Remove routes that are no longer needed.");
    }
    for (var other : present()) {
      for (var host : route.hosts()) {
        if (!other.name().equals(route.name()) && other.hosts().contains(host)) {
          throw new FairwayException(
              ErrorCode.CONFLICT,
              "host " + host + " belongs to route " + other.name(),
              "Give route " + route.name() + " another host.");
        }
      }
    }
  }

  private Entry install(ProxyRoute route) {
    var entry = byName.computeIfAbsent(route.name(), _ -> new Entry());
    var next = new Upstream(route, clock.instant(), () -> closePool.accept(route));
    var former = entry.current;
    entry.current = next;
    if (former != null) {
      entry.former.addFirst(former);
      former.retire();
      forgetOldest(entry);
    }
    byHost.entrySet().removeIf(e -> e.getValue() == entry && !route.hosts().contains(e.getKey()));
    route.hosts().forEach(host -> byHost.put(host, entry));
    return entry;
  }

  private static void forgetOldest(Entry entry) {
    var surplus = entry.former.size() - Limits.FORMER_UPSTREAMS;
    for (var oldest = entry.former.descendingIterator(); oldest.hasNext() && surplus > 0; ) {
      if (oldest.next().isDrained()) {
        oldest.remove();
        surplus--;
      }
    }
  }

  private List<ProxyRoute> present() {
    return byName.values().stream()
        .flatMap(entry -> upstreams(entry).stream().limit(1))
        .map(Upstream::route)
        .sorted(Comparator.comparing(ProxyRoute::name))
        .toList();
  }

  private static List<Upstream> upstreams(Entry entry) {
    var all = new ArrayList<Upstream>();
    var current = entry.current;
    if (current != null) {
      all.add(current);
    }
    all.addAll(entry.former);
    return all;
  }

  private Entry entry(String name) {
    var entry = byName.get(name);
    if (entry == null) {
      throw notFound("there is no route " + name);
    }
    return entry;
  }

  private ProxyRouteStatus status(Entry entry) {
    var now = clock.instant();
    var upstreams = upstreams(entry);
    return new ProxyRouteStatus(
        upstreams.getFirst().route(), upstreams.stream().map(u -> u.status(epoch, now)).toList());
  }

  private static FairwayException notFound(String message) {
    return new FairwayException(ErrorCode.NOT_FOUND, message, "List the routes.");
  }
}
