package dev.fairway.agent;

import dev.fairway.api.ActionsRequest;
import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import dev.fairway.api.ResolvedAction;
import dev.fairway.api.ResourceUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The host of a job that a server has given out. While no server answers the job goes on; what it
/// says waits in its [Delivery], and its [Heart] asks for the lease until it is known to be lost.
///
/// When a server says that the lease is lost, the job is abandoned.
final class ServerHost implements JobHost, AutoCloseable {
  /// For transfers the job waits; longer than any restart of a server.
  private static final Duration TRANSFER_PATIENCE = Duration.ofMinutes(30);

  private final JobAssignment job;
  private final ServerClient server;
  private final Cancellation cancellation;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Delivery delivery;
  private final Heart heart;
  private final CompletableFuture<Boolean> confirmation;

  /// How often no server had answered when the source of a checkout was last asked for.
  private long silenceBefore;

  private ServerHost(
      JobAssignment job,
      ServerClient server,
      Cancellation cancellation,
      InstantSource clock,
      RandomGenerator random,
      Path spool,
      CompletableFuture<Boolean> confirmation) {
    this.job = job;
    this.server = server;
    this.cancellation = cancellation;
    this.clock = clock;
    this.random = random;
    this.delivery = new Delivery(job, server, cancellation, random, spool);
    this.heart = new Heart(job, server, cancellation, clock);
    this.confirmation = confirmation;
  }

  /// @param spool a folder for this job that no job can see, made when it is needed
  /// @param confirmation whether the job is ours
  static ServerHost open(
      JobAssignment job,
      ServerClient server,
      Cancellation cancellation,
      InstantSource clock,
      RandomGenerator random,
      Path spool,
      CompletableFuture<Boolean> confirmation) {
    var host = new ServerHost(job, server, cancellation, clock, random, spool, confirmation);
    host.delivery.start();
    host.heart.start();
    return host;
  }

  @Override
  public void awaitConfirmation() throws InterruptedException {
    try {
      if (!confirmation.get()) {
        cancellation.abandon();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the lease could not be confirmed", e.getCause());
    }
  }

  @Override
  public void log(byte[] bytes, int length) {
    delivery.log(bytes, length);
  }

  @Override
  public void event(JobEvent event) {
    delivery.event(event);
  }

  /// By the server that answers now, which need not be the one that gave the job.
  @Override
  public CheckoutSource checkout() {
    silenceBefore = server.silences();
    return new CheckoutSource.Remote(server.here(job.cloneUrl()), "job", job.jobToken());
  }

  @Override
  public boolean wasAway(CompletableFuture<?> givenUp) throws IOException, InterruptedException {
    var _ = patiently(givenUp, () -> server.artifacts(job.job(), Optional.empty()));
    return server.silences() > silenceBefore;
  }

  @Override
  public ArtifactReceipt upload(
      String name, Keeping keeping, Path zip, CompletableFuture<?> givenUp)
      throws IOException, InterruptedException {
    return patiently(
        givenUp, () -> server.upload(job.job(), job.fence(), name, keeping, zip, givenUp));
  }

  @Override
  public List<ArtifactReceipt> artifacts(Optional<String> run, CompletableFuture<?> givenUp)
      throws IOException, InterruptedException {
    return patiently(givenUp, () -> server.artifacts(job.job(), run));
  }

  @Override
  public void download(Optional<String> run, String name, Path zip, CompletableFuture<?> givenUp)
      throws IOException, InterruptedException {
    patiently(
        givenUp,
        () -> {
          Files.deleteIfExists(zip);
          server.download(job.job(), run, name, zip, givenUp);
          return zip;
        });
  }

  @Override
  public ActionSource actions(CompletableFuture<?> givenUp) {
    return new ActionSource() {
      @Override
      public List<ResolvedAction> resolve(List<String> references)
          throws IOException, InterruptedException {
        var request = new ActionsRequest(job.fence(), references);
        return patiently(givenUp, () -> server.actions(job.job(), request)).actions();
      }

      @Override
      public void fetch(ResolvedAction action, Path zip) throws IOException, InterruptedException {
        patiently(
            givenUp,
            () -> {
              Files.deleteIfExists(zip);
              server.action(job.job(), job.fence(), action, zip, givenUp);
              return zip;
            });
      }
    };
  }

  /// Delivers what is left and then the result, however long that takes, unless the lease is lost.
  ///
  /// A result that the server refuses for what is in it would be refused again, so the job then
  /// ends with that refusal instead.
  void complete(JobResult result) throws InterruptedException {
    var completion =
        completion(
            result.outcome(),
            result.reason(),
            result.outputs(),
            result.actions(),
            result.environmentUrl(),
            result.use());
    var backoff = new Backoff(random);
    var first = true;
    while (!cancellation.isAbandoned()) {
      try {
        var rest = first ? delivery.takeRest() : Optional.<JobCompletion.Tail>empty();
        if (!first) {
          delivery.await();
        }
        first = false;
        if (!cancellation.isAbandoned()) {
          server.complete(job.job(), completion.withTail(rest.orElse(null)));
        }
        return;
      } catch (FairwayException e) {
        switch (e.code()) {
          case LEASE_LOST, NOT_FOUND -> cancellation.abandon();
          case INCOMPLETE -> delivery.askWhatIsMissing();
          case TOO_LARGE, INVALID_INPUT, UNPROCESSABLE -> {
            completion =
                completion(
                    Outcome.ERROR,
                    "The server refused the job's result: " + JobRunner.sentence(e),
                    Map.of(),
                    result.actions(),
                    null,
                    result.use());
            delivery.pause(backoff.next(), e);
          }
          default -> delivery.pause(backoff.next(), e);
        }
      } catch (IOException e) {
        delivery.pause(backoff.next(), e);
      }
    }
  }

  private JobCompletion completion(
      Outcome outcome,
      String reason,
      Map<String, String> outputs,
      List<ResolvedAction> actions,
      @Nullable String environmentUrl,
      ResourceUse use) {
    return new JobCompletion(
        job.fence(),
        outcome,
        reason,
        outputs,
        delivery.eventCount(),
        delivery.logSize(),
        actions,
        environmentUrl,
        use,
        null);
  }

  private interface Call<T> {
    T make() throws IOException, InterruptedException;
  }

  private <T> T patiently(CompletableFuture<?> givenUp, Call<T> call)
      throws IOException, InterruptedException {
    var backoff = new Backoff(random);
    var until = clock.instant().plus(TRANSFER_PATIENCE);
    while (true) {
      try {
        return call.make();
      } catch (IOException e) {
        if (givenUp.isDone() || clock.instant().isAfter(until)) {
          throw e;
        }
        delivery.pause(backoff.next(), e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      heart.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    delivery.close();
  }
}
