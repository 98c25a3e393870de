/// Releases, environments, and how a release gets into an environment: asked for, approved,
/// started, switched to, verified, and taken back when it turns bad.
@NullMarked
package dev.fairway.server.delivery;

import org.jspecify.annotations.NullMarked;
