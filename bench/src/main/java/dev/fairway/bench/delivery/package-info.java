/// Deployments under load: does a switch lose a request, and how soon does a rollback serve?
@NullMarked
package dev.fairway.bench.delivery;

import org.jspecify.annotations.NullMarked;
