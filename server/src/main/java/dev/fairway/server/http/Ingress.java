package dev.fairway.server.http;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How requests come in: straight, or through a proxy that ends TLS.
///
/// @param publicUrl the address that people use, without a path; empty where it is the one that
///   they asked for
/// @param proxies whose word about the client's address counts; anybody else's is ignored
public record Ingress(Optional<URI> publicUrl, Set<InetAddress> proxies) {
  public static final Ingress STRAIGHT = new Ingress(Optional.empty(), Set.of());

  public Ingress {
    proxies = Set.copyOf(proxies);
  }

  /// Reads what an operator typed.
  ///
  /// @param publicUrl empty for none
  /// @param proxies addresses, not names
  public static Ingress of(String publicUrl, Collection<String> proxies) {
    return new Ingress(
        publicUrl.isEmpty() ? Optional.empty() : Optional.of(url(publicUrl)),
        proxies.stream()
            .map(text ->
                address(text)
                    .orElseThrow(
                        () -> refusal("'" + text + "' is not an address", "Write it as 10.0.0.7.")))
            .collect(Collectors.toUnmodifiableSet()));
  }

  private static URI url(String text) {
    try {
      var url = new URI(text);
      var scheme = String.valueOf(url.getScheme());
      var bare = List.of("", "/").contains(String.valueOf(url.getRawPath()));
      if (url.getHost() != null
          && (scheme.equals("https") || scheme.equals("http"))
          && bare
          && url.getRawUserInfo() == null
          && url.getRawQuery() == null
          && url.getRawFragment() == null) {
        return new URI(scheme + "://" + url.getRawAuthority());
      }
    } catch (URISyntaxException e) {
      // Refused below, like an address with parts that it must not have.
    }
    throw refusal(
        "'" + text + "' is not the address of a server",
        "Write it as https://fairway.example.org, without a path.");
  }

  private static Optional<InetAddress> address(String literal) {
    try {
      return Optional.of(InetAddress.ofLiteral(literal.strip()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static FairwayException refusal(String what, String next) {
    return new FairwayException(ErrorCode.INVALID_INPUT, what, next);
  }

  /// Whether people come by TLS.
  boolean secure() {
    return publicUrl.filter(url -> url.getScheme().equals("https")).isPresent();
  }

  /// The client's address: the last one in the chain that no proxy of ours has.
  ///
  /// @param peer who is connected to us
  /// @param forwardedFor all that came as `X-Forwarded-For`; each proxy appends its own peer
  String client(String peer, @Nullable String forwardedFor) {
    var client = address(peer);
    if (forwardedFor != null) {
      var chain = forwardedFor.split(",", -1);
      for (int i = chain.length - 1; i >= 0 && client.filter(proxies::contains).isPresent(); i--) {
        var before = address(chain[i]);
        if (before.isEmpty()) {
          break;
        }
        client = before;
      }
    }
    return client.map(InetAddress::getHostAddress).orElse(peer);
  }
}
