package dev.fairway.server.vault;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A secret or variable as people see it.
///
/// @param value of a variable; null for a secret
/// @param setBy the name of who set it last
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Setting(String name, @Nullable String value, Instant setAt, String setBy) {}
