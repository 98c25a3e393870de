@NullMarked
package dev.fairway.server.insight;

import org.jspecify.annotations.NullMarked;
