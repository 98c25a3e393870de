package dev.fairway.server.web;

import java.util.List;

/// The fairway of one change: where it is on its way to production.
public record Ribbon(List<Buoy> buoys) {
  public Ribbon {
    buoys = List.copyOf(buoys);
  }
}
