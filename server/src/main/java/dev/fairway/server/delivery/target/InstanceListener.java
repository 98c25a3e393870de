package dev.fairway.server.delivery.target;

/// Told what happens to instances, on the instance's own thread and outside any lock; it may block.
@FunctionalInterface
public interface InstanceListener {
  void on(InstanceEvent event);
}
