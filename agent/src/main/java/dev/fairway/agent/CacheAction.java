package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/// `actions/cache`, and its halves `restore` and `save`. Processes of the job pack and unpack, with
/// its rights and inside of its sandbox; the agent carries the archive.
///
/// A cache that cannot be reached ends no job: it is slower then, and the log says so.
///
/// `upload-chunk-size` and `enableCrossOsArchive` are taken and change nothing: the one is about
/// how fast an archive is sent, the other about archives of Windows.
record CacheAction(ActionInputs inputs, Turn.Scene scene) {
  static final long MAX_BYTES = 2L << 30;

  private static final int MAX_LIST_BYTES = 16 << 20;
  private static final int MAX_PREFIXES = 9;

  /// How a restore went.
  ///
  /// @param matched the key of what was restored
  record Restored(String key, Optional<String> matched) {
    boolean exactly() {
      return matched.filter(key::equals).isPresent();
    }
  }

  /// Restores, and tells `done` what came of it.
  Action restore(BuiltinAction action, Consumer<Restored> done) {
    return stop -> {
      inputs.only(action);
      var key = key();
      var restored = new Restored(key, find(key, stop));
      done.accept(restored);
      scene.outputs().put("cache-primary-key", key);
      scene.outputs().put("cache-matched-key", restored.matched().orElse(""));
      scene
          .outputs()
          .put("cache-hit", restored.matched().map(_ -> "" + restored.exactly()).orElse(""));
      if (restored.matched().isEmpty() && inputs.flag("fail-on-cache-miss", false)) {
        throw new FairwayException(
            ErrorCode.NOT_FOUND, "There is no cache with the key `" + key + "`", "");
      }
      return stop.reason().isDone()
          ? new Action.Result.Stopped(stop.reason().resultNow())
          : Action.Result.SUCCESS;
    };
  }

  private Optional<String> find(String key, Stop stop) throws IOException, InterruptedException {
    var log = scene.scope().job().parts().log();
    var prefixes = lines("restore-keys");
    if (prefixes.size() > MAX_PREFIXES) {
      throw inputs.refused("restore-keys", "can have " + MAX_PREFIXES + " lines");
    }
    if (!anyCaches()) {
      log.line("There is no cache here, and nothing is restored");
      return Optional.empty();
    }
    var by = compression(stop);
    try (var caches = caches()) {
      var found = caches.find(key, prefixes, paths().version(by.word));
      if (found.isEmpty()) {
        log.line(
            "No cache has the key " + key + (prefixes.isEmpty() ? "" : " or one of the others"));
        return Optional.empty();
      }
      if (!inputs.flag("lookup-only", false) && !unpack(caches, found.get(), by, stop)) {
        return Optional.empty();
      }
      log.line("The cache has the key " + found.get().key());
      return Optional.of(found.get().key());
    } catch (IOException e) {
      log.line("##[warning]The cache cannot be restored: " + e.getMessage());
      return Optional.empty();
    }
  }

  private boolean anyCaches() {
    var parts = scene.scope().job().parts();
    return parts.assignment().services() != null || parts.host().caches().isPresent();
  }

  /// The server's, else those of whoever runs the job without one.
  private Caches caches() {
    var parts = scene.scope().job().parts();
    var services = parts.assignment().services();
    return services == null ? parts.host().caches().orElseThrow() : new CacheClient(services);
  }

  private boolean unpack(Caches caches, Caches.Found found, Compression by, Stop stop)
      throws IOException, InterruptedException {
    var job = scene.scope().job();
    var folder = job.parts().folder();
    var archive = folder.stage().resolve("cache-" + UUID.randomUUID() + ".tar");
    try {
      caches.download(found, archive);
      folder.readable(archive, "rw-r-----");
      var how =
          switch (by) {
            case GZIP -> "-z";
            case ZSTD -> "--use-compress-program unzstd";
          };
      var unpacked = run("tar -xPf " + LaunchScript.quote(archive.toString()) + " " + how, stop);
      if (!unpacked.equals(Action.Result.SUCCESS)) {
        job.parts().log().line("##[warning]The cache was not unpacked");
      }
      return unpacked.equals(Action.Result.SUCCESS);
    } finally {
      Files.deleteIfExists(archive);
    }
  }

  private Action.Result run(String script, Stop stop) throws IOException, InterruptedException {
    return shell().run(script, stop);
  }

  private JobShell shell() {
    return new JobShell(scene.scope().job(), scene.variables());
  }

  /// Packs and saves under that key.
  Action save(BuiltinAction action) {
    return stop -> {
      inputs.only(action);
      var key = key();
      var job = scene.scope().job();
      var log = job.parts().log();
      if (!anyCaches()) {
        log.line("There is no cache here, and nothing is saved");
        return Action.Result.SUCCESS;
      }
      var paths = paths();
      var names = search(paths, stop);
      if (stop.reason().isDone()) {
        return new Action.Result.Stopped(stop.reason().resultNow());
      }
      if (names.isEmpty()) {
        log.line("##[warning]None of the paths is there, and nothing is saved");
        return Action.Result.SUCCESS;
      }
      return save(key, paths, names, stop);
    };
  }

  private Action.Result save(String key, CachePaths paths, Set<String> names, Stop stop)
      throws IOException, InterruptedException {
    var folder = scene.scope().job().parts().folder();
    var packed = folder.temp().resolve("fairway-cache-" + UUID.randomUUID());
    var manifest = folder.stage().resolve("cache-" + UUID.randomUUID() + ".txt");
    var kept = Files.createTempFile(folder.spool(), "cache", ".tar");
    try {
      Files.writeString(manifest, String.join("\n", names) + "\n");
      folder.readable(manifest, "rw-r-----");
      var by = compression(stop);
      var result = run(pack(paths, by, packed, manifest), stop);
      if (result.equals(Action.Result.SUCCESS)) {
        send(key, paths.version(by.word), kept, keep(packed, kept));
      }
      return result;
    } finally {
      Files.deleteIfExists(kept);
      Files.deleteIfExists(manifest);
      var _ = run("rm -f " + LaunchScript.quote(packed.toString()), new Stop());
    }
  }

  private void send(String key, String version, Path archive, long bytes)
      throws InterruptedException {
    var log = scene.scope().job().parts().log();
    try (var caches = caches()) {
      log.line(
          caches.save(key, version, archive, bytes)
              ? "Saved %d bytes with the key %s".formatted(bytes, key)
              : "There is a cache with the key " + key + " already; it stays");
    } catch (IOException | FairwayException e) {
      log.line("##[warning]The cache cannot be saved: " + JobRunner.sentence(e));
    }
  }

  /// Copies what the job has packed to where the job cannot reach it any more.
  ///
  /// @return its size
  private long keep(Path packed, Path kept) throws IOException {
    var temp = scene.scope().job().parts().folder().temp();
    try (InputStream in = new ArtifactFiles(temp, List.of(temp)).open(packed);
        var out = Files.newOutputStream(kept)) {
      var buffer = new byte[64 * 1024];
      var bytes = 0L;
      for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        bytes += count;
        if (bytes > MAX_BYTES) {
          throw new FairwayException(
              ErrorCode.TOO_LARGE, "A cache has at most " + MAX_BYTES + " bytes", "Cache less.");
        }
        out.write(buffer, 0, count);
      }
      return bytes;
    }
  }

  /// The names of what is packed, in the order in which the job found it.
  private Set<String> search(CachePaths paths, Stop stop) throws IOException, InterruptedException {
    return shell()
        .answer(paths.search(), MAX_LIST_BYTES, stop)
        .map(found -> paths.chosen(found.lines().toList()))
        .orElseThrow(() ->
            inputs.refused(
                "path",
                "means more than %d bytes of names; name folders".formatted(MAX_LIST_BYTES)));
  }

  private String pack(CachePaths paths, Compression by, Path archive, Path manifest) {
    var how =
        switch (by) {
          case GZIP -> "-z";
          case ZSTD -> "--use-compress-program zstdmt";
        };
    return "tar -cPf %s %s %s -T %s\n"
        .formatted(
            LaunchScript.quote(archive.toString()),
            how,
            paths.excludes() ? "--no-recursion" : "",
            LaunchScript.quote(manifest.toString()));
  }

  /// How archives are compressed, in the official client's words.
  private enum Compression {
    GZIP("gzip"),
    ZSTD("zstd-without-long");

    private final String word;

    Compression(String word) {
      this.word = word;
    }
  }

  /// As the official client decides: by what the job has.
  private Compression compression(Stop stop) throws IOException, InterruptedException {
    var there = run("[ -n \"$(zstd --quiet --version 2>/dev/null)\" ] || exit 1", stop);
    return there.equals(Action.Result.SUCCESS) ? Compression.ZSTD : Compression.GZIP;
  }

  private CachePaths paths() {
    var job = scene.scope().job();
    var paths =
        CachePaths.of(
            inputs.text("path", ""),
            job.workspace(),
            scene.variables().getOrDefault("HOME", ""),
            job.parts().folder().root());
    if (paths.lines().isEmpty()) {
      throw inputs.refused("path", "is required");
    }
    return paths;
  }

  private List<String> lines(String name) {
    return inputs.text(name, "").lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
  }

  private String key() {
    var key = inputs.publicText("key", "", scene.scope().job().parts().masker());
    if (key.isEmpty()) {
      throw inputs.refused("key", "is required");
    }
    return key;
  }
}
