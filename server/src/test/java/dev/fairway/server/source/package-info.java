@NullMarked
package dev.fairway.server.source;

import org.jspecify.annotations.NullMarked;
