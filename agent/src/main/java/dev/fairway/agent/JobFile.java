package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A file where a job may change everything while the agent looks at it, which has more rights than
/// the job: it is opened folder by folder, following no link.
///
/// Opening a pipe waits for somebody to write to it, and nothing ends that waiting. A pipe is not
/// opened; for one that takes a file's place at that very moment, a thread of its own waits.
///
/// @param folder that the job cannot replace
/// @param name of the file, relative to it
record JobFile(Path folder, Path name) {
  private static final int PATIENCE_SECONDS = 5;
  private static final Set<OpenOption> READ =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
  private static final Set<OpenOption> BOTH_WAYS =
      Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

  private static final Executor OPENING =
      Executors.newCachedThreadPool(Thread.ofPlatform().name("opening").daemon().factory());

  InputStream open() throws IOException {
    var opened = new CompletableFuture<SeekableByteChannel>();
    OPENING.execute(() -> open(opened));
    try {
      return Channels.newInputStream(opened.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    } catch (TimeoutException e) {
      if (opened.completeExceptionally(refused())) {
        releaseWhoWaits();
      }
      throw refused();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof FairwayException refusal) {
        throw refusal;
      }
      throw e.getCause() instanceof IOException failure
          ? failure
          : new IOException("Cannot open " + name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while " + name + " was opened", e);
    }
  }

  private void open(CompletableFuture<SeekableByteChannel> opened) {
    try {
      var channel = open(false);
      if (!opened.complete(channel)) {
        channel.close();
      }
    } catch (IOException | RuntimeException e) {
      opened.completeExceptionally(e);
    }
  }

  /// Whoever opens a pipe for both ways waits for nobody, and is whom the other one waits for.
  private void releaseWhoWaits() {
    try {
      open(true).close();
    } catch (IOException | FairwayException e) {
      System.getLogger("agent").log(System.Logger.Level.DEBUG, "A pipe was replaced again", e);
    }
  }

  private SeekableByteChannel open(boolean bothWays) throws IOException {
    try (var stream = Files.newDirectoryStream(folder)) {
      if (stream instanceof SecureDirectoryStream<Path> secure) {
        return open(secure, name, bothWays);
      }
      throw new IOException("This file system cannot open files relative to a folder");
    }
  }

  private SeekableByteChannel open(SecureDirectoryStream<Path> in, Path relative, boolean bothWays)
      throws IOException {
    var names = relative.getNameCount();
    if (names > 1) {
      try (var inner = in.newDirectoryStream(relative.getName(0), LinkOption.NOFOLLOW_LINKS)) {
        return open(inner, relative.subpath(1, names), bothWays);
      }
    }
    if (bothWays) {
      return in.newByteChannel(relative, BOTH_WAYS);
    }
    var view =
        in.getFileAttributeView(relative, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (!view.readAttributes().isRegularFile()) {
      throw refused();
    }
    return in.newByteChannel(relative, READ);
  }

  private FairwayException refused() {
    return new FairwayException(
        ErrorCode.INVALID_INPUT, "`" + folder.resolve(name) + "` is not a file", "");
  }
}
