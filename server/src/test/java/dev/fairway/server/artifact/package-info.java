@NullMarked
package dev.fairway.server.artifact;

import org.jspecify.annotations.NullMarked;
