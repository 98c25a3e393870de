@NullMarked
package dev.fairway.workflow;

import org.jspecify.annotations.NullMarked;
