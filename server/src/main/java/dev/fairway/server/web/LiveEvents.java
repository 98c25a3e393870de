package dev.fairway.server.web;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/// Tells open pages that something which they show has changed.
///
/// An event is only a topic, such as `run:UUID`, `project:UUID` or `environments`: the page then
/// asks for the part again, with its own permissions. A topic that changes often while a browser is
/// slow is told once, so a subscriber holds at most its topics.
public final class LiveEvents implements AutoCloseable {
  /// More open pages than that are asked to try again; they stay usable without being live.
  static final int MAX_SUBSCRIBERS = 1_000;

  /// Of those, one person's: nobody takes the places of all others.
  static final int MAX_SUBSCRIBERS_OF_A_PERSON = 50;

  static final int MAX_TOPICS_OF_A_PAGE = 32;

  static final Duration PING = Duration.ofSeconds(15);

  /// A stream ends after that time and the browser comes back, with its permissions asked again.
  static final Duration MAX_AGE = Duration.ofMinutes(15);

  /// How many topics are remembered with their last change, for pages that subscribe late.
  private static final int MAX_REMEMBERED_TOPICS = 10_000;

  private static final String CHANNEL = "live_event";
  private static final Pattern TOPIC =
      Pattern.compile("[a-z][a-z-]{0,30}(:[A-Za-z0-9._/-]{1,100})?");

  private final InstantSource clock;
  private final Semaphore places = new Semaphore(MAX_SUBSCRIBERS);
  private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
  private final Map<String, Instant> lastChanges = new LastChanges();
  private volatile Instant deafUntil;
  private volatile boolean closed;

  LiveEvents(Database database, InstantSource clock) {
    this.clock = clock;
    this.deafUntil = clock.instant();
    database.listen(CHANNEL, this::hear);
  }

  /// Tells, when the transaction commits, every page that shows the topic, on every server.
  public static void publish(Handle tx, String topic) {
    requireTopic(topic);
    Database.notify(tx, CHANNEL, topic);
  }

  private void hear(String topic) {
    if (topic.isEmpty()) {
      // The connection was made anew: whatever happened meanwhile was not heard.
      deafUntil = clock.instant();
      subscriptions.forEach(Subscription::changeAll);
      return;
    }
    synchronized (lastChanges) {
      lastChanges.put(topic, clock.instant());
    }
    subscriptions.forEach(subscription -> subscription.change(topic));
  }

  /// Serves one page until its browser goes or the time is up.
  void serve(Exchange exchange) throws IOException {
    var topics = topics(exchange.query("topics").orElse(""));
    var since = Instant.ofEpochMilli(exchange.queryNumber("since", 0, 0, Long.MAX_VALUE));
    var person = exchange.caller().knownId();
    if (subscriptions.stream().filter(each -> each.person.equals(person)).count()
        >= MAX_SUBSCRIBERS_OF_A_PERSON) {
      throw full(MAX_SUBSCRIBERS_OF_A_PERSON + " pages of yours are already live");
    }
    if (!places.tryAcquire()) {
      throw full(MAX_SUBSCRIBERS + " pages are already live on this server");
    }
    var subscription = new Subscription(person, topics);
    subscriptions.add(subscription);
    try {
      var begin = clock.instant();
      catchUp(subscription, since);
      var stream = exchange.events();
      stream.send("live", "", String.valueOf(begin.toEpochMilli()));
      var end = begin.plus(MAX_AGE);
      while (!closed && clock.instant().isBefore(end)) {
        var changed = subscription.await(PING);
        if (changed.isEmpty()) {
          stream.ping();
        }
        for (var topic : changed) {
          stream.send("changed", "", topic);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      subscriptions.remove(subscription);
      places.release();
    }
  }

  private static FairwayException full(String what) {
    return new FairwayException(
        ErrorCode.RATE_LIMITED,
        what,
        "The page works; load it again to see what is new.",
        Map.of("retryAfter", 30),
        null);
  }

  /// Tells what changed between the making of the page and its subscription.
  private void catchUp(Subscription subscription, Instant since) {
    if (since.isBefore(deafUntil)) {
      subscription.changeAll();
      return;
    }
    synchronized (lastChanges) {
      for (var topic : subscription.topics) {
        var last = lastChanges.get(topic);
        if (last != null && !last.isBefore(since)) {
          subscription.change(topic);
        }
      }
    }
  }

  int subscribers() {
    return subscriptions.size();
  }

  @Override
  public void close() {
    closed = true;
    subscriptions.forEach(Subscription::end);
  }

  private static Set<String> topics(String text) {
    var topics =
        Set.copyOf(new LinkedHashSet<>(List.of(text.split(",", MAX_TOPICS_OF_A_PAGE + 1))));
    if (topics.size() > MAX_TOPICS_OF_A_PAGE) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "A page may have " + MAX_TOPICS_OF_A_PAGE + " topics", "");
    }
    topics.forEach(LiveEvents::requireTopic);
    return topics;
  }

  private static void requireTopic(String topic) {
    if (!TOPIC.matcher(topic).matches()) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "'" + topic + "' is not a topic",
          "Topics look like run:ID or environments.");
    }
  }

  /// The newest changes; the longest unchanged topic makes room.
  private static final class LastChanges extends LinkedHashMap<String, Instant> {
    private static final long serialVersionUID = 1L;

    LastChanges() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
      return size() > MAX_REMEMBERED_TOPICS;
    }
  }

  /// One page that listens.
  private static final class Subscription {
    private final UUID person;
    private final Set<String> topics;
    private final Set<String> changed = new LinkedHashSet<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private boolean ended;

    Subscription(UUID person, Set<String> topics) {
      this.person = person;
      this.topics = topics;
    }

    void change(String topic) {
      if (!topics.contains(topic)) {
        return;
      }
      lock.lock();
      try {
        changed.add(topic);
        woken.signal();
      } finally {
        lock.unlock();
      }
    }

    void changeAll() {
      topics.forEach(this::change);
    }

    void end() {
      lock.lock();
      try {
        ended = true;
        woken.signal();
      } finally {
        lock.unlock();
      }
    }

    /// What changed, or nothing when the time is up.
    Set<String> await(Duration most) throws InterruptedException {
      lock.lock();
      try {
        var nanos = most.toNanos();
        while (changed.isEmpty() && !ended && nanos > 0) {
          nanos = woken.awaitNanos(nanos);
        }
        var result = List.copyOf(changed);
        changed.clear();
        return new LinkedHashSet<>(result);
      } finally {
        lock.unlock();
      }
    }
  }
}
