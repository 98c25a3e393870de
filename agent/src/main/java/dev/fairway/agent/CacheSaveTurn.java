package dev.fairway.agent;

import dev.fairway.workflow.BuiltinAction;
import dev.fairway.workflow.Contexts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What `actions/cache` does when the job has succeeded: saves, unless exactly that was restored.
record CacheSaveTurn(
    ActionInputs inputs, Map<String, String> own, CacheAction.Restored restored, JobLog log)
    implements Turn {
  @Override
  public Map<String, String> environment(Contexts contexts) {
    return own;
  }

  @Override
  public boolean shouldRun(Contexts contexts) {
    return contexts.status().success(List.of());
  }

  @Override
  public boolean toleratesFailure(Contexts contexts) {
    return false;
  }

  @Override
  public Optional<Duration> timeout(Contexts contexts) {
    return Optional.empty();
  }

  @Override
  public String word() {
    return "__actions_cache";
  }

  @Override
  public void keep(Map<String, String> state) {
    // It has no phase behind this one.
  }

  @Override
  public Action begin(Scene scene) {
    if (restored.exactly()) {
      return _ -> {
        log.line("The cache " + restored.key() + " was restored, and stays as it is");
        return Action.Result.SUCCESS;
      };
    }
    return new CacheAction(inputs, scene).save(BuiltinAction.CACHE);
  }
}
