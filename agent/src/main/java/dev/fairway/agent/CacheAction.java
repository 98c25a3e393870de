package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/// `actions/cache`, and its halves `restore` and `save`. Processes of the job pack and unpack, with
/// its rights and inside of its sandbox; the agent carries the archive.
///
/// A cache that cannot be reached ends no job: it is slower then, and the log says so.
record CacheAction(ActionInputs inputs, Turn.Scene scene) {
  static final long MAX_BYTES = 2L << 30;

  private static final String FORMAT = "fairway tar+gzip 1";
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
    var services = scene.scope().job().parts().assignment().services();
    if (services == null) {
      log.line("There is no cache here, and nothing is restored");
      return Optional.empty();
    }
    var prefixes = lines("restore-keys");
    if (prefixes.size() > MAX_PREFIXES) {
      throw inputs.refused("restore-keys", "can have " + MAX_PREFIXES + " lines");
    }
    try (var client = new CacheClient(services)) {
      var found = client.find(key, prefixes, version());
      if (found.isEmpty()) {
        log.line(
            "No cache has the key " + key + (prefixes.isEmpty() ? "" : " or one of the others"));
        return Optional.empty();
      }
      if (!inputs.flag("lookup-only", false) && !unpack(client, found.get(), stop)) {
        return Optional.empty();
      }
      log.line("The cache has the key " + found.get().key());
      return Optional.of(found.get().key());
    } catch (IOException e) {
      log.line("##[warning]The cache cannot be restored: " + e.getMessage());
      return Optional.empty();
    }
  }

  private boolean unpack(CacheClient client, CacheClient.Found found, Stop stop)
      throws IOException, InterruptedException {
    var job = scene.scope().job();
    var folder = job.parts().folder();
    var archive = folder.stage().resolve("cache-" + UUID.randomUUID() + ".tgz");
    try {
      client.download(found, archive);
      folder.readable(archive, "rw-r-----");
      var unpacked = run("tar -xzPf " + LaunchScript.quote(archive.toString()), stop);
      if (!unpacked.equals(Action.Result.SUCCESS)) {
        job.parts().log().line("##[warning]The cache was not unpacked");
      }
      return unpacked.equals(Action.Result.SUCCESS);
    } finally {
      Files.deleteIfExists(archive);
    }
  }

  private Action.Result run(String script, Stop stop) throws IOException, InterruptedException {
    var job = scene.scope().job();
    var launch = new LaunchScript(scene.variables(), job.workspace()).program(script);
    return StepProcess.run(job.sandbox(), job.parts().folder(), launch, stop);
  }

  /// Packs and saves under that key.
  Action save(BuiltinAction action) {
    return stop -> {
      inputs.only(action);
      var key = key();
      var job = scene.scope().job();
      var log = job.parts().log();
      var services = job.parts().assignment().services();
      if (services == null) {
        log.line("There is no cache here, and nothing is saved");
        return Action.Result.SUCCESS;
      }
      var packed = job.parts().folder().temp().resolve("fairway-cache-" + UUID.randomUUID());
      var kept = Files.createTempFile(job.parts().folder().spool(), "cache", ".tgz");
      try {
        var result = run(pack(packed), stop);
        if (!result.equals(Action.Result.SUCCESS)) {
          return result;
        }
        var bytes = keep(packed, kept);
        if (bytes == 0) {
          log.line("##[warning]None of the paths is there, and nothing is saved");
        } else {
          send(services, key, kept, bytes);
        }
      } finally {
        Files.deleteIfExists(kept);
        var _ = run("rm -f " + LaunchScript.quote(packed.toString()), new Stop());
      }
      return Action.Result.SUCCESS;
    };
  }

  private void send(JobAssignment.Services services, String key, Path archive, long bytes)
      throws InterruptedException {
    var log = scene.scope().job().parts().log();
    try (var client = new CacheClient(services)) {
      log.line(
          client.save(key, version(), archive, bytes)
              ? "Saved %d bytes with the key %s".formatted(bytes, key)
              : "There is a cache with the key " + key + " already; it stays");
    } catch (IOException | FairwayException e) {
      log.line("##[warning]The cache cannot be saved: " + JobRunner.sentence(e));
    }
  }

  /// Copies what the job has packed to where the job cannot reach it any more.
  ///
  /// @return its size, 0 where the job packed nothing
  private long keep(Path packed, Path kept) throws IOException {
    if (!Files.exists(packed, LinkOption.NOFOLLOW_LINKS)) {
      return 0;
    }
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

  private String pack(Path archive) {
    var script = new StringBuilder("set --\n");
    var excluded = new ArrayList<String>();
    for (var line : paths()) {
      if (line.startsWith("!")) {
        excluded.add("--exclude=" + LaunchScript.quote(expanded(line.substring(1).strip())));
      } else {
        var path = LaunchScript.quote(expanded(line));
        script
            .append("[ ! -e ")
            .append(path)
            .append(" ] || set -- \"$@\" ")
            .append(path)
            .append('\n');
      }
    }
    return script
        + "[ $# -gt 0 ] || exit 0\n"
        + "tar -czPf %s %s -- \"$@\"\n"
            .formatted(LaunchScript.quote(archive.toString()), String.join(" ", excluded));
  }

  /// The path as the next job finds it too: each job has folders of its own, so what lies in them
  /// is named relative to the workspace.
  private String expanded(String path) {
    var home = scene.variables().getOrDefault("HOME", "");
    var whole = path.equals("~") || path.startsWith("~/") ? home + path.substring(1) : path;
    var job = scene.scope().job();
    return whole.startsWith("/") && Path.of(whole).startsWith(job.parts().folder().root())
        ? job.workspace().relativize(Path.of(whole).normalize()).toString()
        : whole;
  }

  private List<String> paths() {
    var paths = lines("path");
    if (paths.isEmpty()) {
      throw inputs.refused("path", "is required");
    }
    for (var path : paths) {
      if (path.chars().anyMatch(c -> c == '*' || c == '?' || c == '[')) {
        throw inputs.refused("path", "cannot have patterns such as `" + path + "`; name folders");
      }
      if (path.startsWith("-")) {
        throw inputs.refused("path", "is `" + path + "`; write ./" + path);
      }
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

  /// What a cache has to agree in beside its key: the same paths, in the same form.
  private String version() {
    var digest = WorkspaceHasher.sha256();
    digest.update(FORMAT.getBytes(StandardCharsets.UTF_8));
    for (var path : paths()) {
      digest.update(("\n" + expanded(path)).getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
