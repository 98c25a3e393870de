package dev.fairway.server.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The keys that open what the database holds: AES-256 keys in a ring, the first of them the one
/// that seals.
///
/// They stand in a file that only the server's user may read, one in Base64 per line, or in
/// `FAIRWAY_SECRET_KEY`, divided by commas. The file is read for every use, so that servers that
/// share it see a new key at once. A key's id is the beginning of a hash of it.
public final class SecretKeys {
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int ID_CHARS = 16;

  /// What a sealed text looks like in the database.
  // Nobody compares sealed texts: each has a nonce of its own.
  @SuppressWarnings("ArrayRecordComponent")
  record Sealed(String key, byte[] nonce, byte[] bytes) {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Key(String id, byte[] bytes) {
    static Key of(byte[] bytes) {
      return new Key(HexFormat.of().formatHex(mac(bytes, "id")).substring(0, ID_CHARS), bytes);
    }

    String line() {
      return Base64.getEncoder().encodeToString(bytes);
    }
  }

  private final @Nullable Path file;
  private final List<Key> given;
  private final SecureRandom random;

  private SecretKeys(@Nullable Path file, List<Key> given, SecureRandom random) {
    this.file = file;
    this.given = List.copyOf(given);
    this.random = random;
  }

  /// The keys in that file, which is made with the first one where it is missing.
  public static SecretKeys in(Path file, SecureRandom random) {
    var keys = new SecretKeys(file.toAbsolutePath(), List.of(), random);
    if (!Files.exists(file)) {
      keys.write(List.of(keys.fresh()));
    }
    keys.ring();
    return keys;
  }

  /// The keys that the operator gives, the current one first, divided by commas.
  public static SecretKeys given(String text, SecureRandom random) {
    return new SecretKeys(null, parse(Arrays.asList(text.split(",", -1))), random);
  }

  /// The id of the key that seals.
  String current() {
    return ring().getFirst().id();
  }

  /// @param place what the text is bound to: it opens nowhere else
  Sealed seal(String text, String place) {
    var key = ring().getFirst();
    var nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    return new Sealed(
        key.id(), nonce, crypt(Cipher.ENCRYPT_MODE, key, nonce, place, text.getBytes(UTF_8)));
  }

  String open(Sealed sealed, String place) {
    var key =
        ring().stream()
            .filter(each -> each.id().equals(sealed.key()))
            .findFirst()
            .orElseThrow(() ->
                new FairwayException(
                    ErrorCode.INTERNAL,
                    "The key " + sealed.key() + " is missing, with which a secret was sealed",
                    "Restore the file of the keys from its backup, or add the key to"
                        + " FAIRWAY_SECRET_KEY."));
    return new String(
        crypt(Cipher.DECRYPT_MODE, key, sealed.nonce(), place, sealed.bytes()), UTF_8);
  }

  /// Signs a text, so that only who has the keys can have written it: `KEYID.MAC`.
  public String sign(String text) {
    var key = ring().getFirst();
    return key.id() + "." + HexFormat.of().formatHex(mac(key.bytes(), "sign " + text));
  }

  /// Whether one of the keys signed that text so.
  public boolean signed(String text, String signature) {
    return ring().stream()
        .map(key -> key.id() + "." + HexFormat.of().formatHex(mac(key.bytes(), "sign " + text)))
        .anyMatch(
            expected -> MessageDigest.isEqual(expected.getBytes(UTF_8), signature.getBytes(UTF_8)));
  }

  /// Puts a new key first. Where the keys are given, the operator has done so.
  void renew() {
    if (file != null) {
      var keys = new ArrayList<>(ring());
      if (keys.size() == VaultLimits.MAX_KEYS) {
        throw new FairwayException(
            ErrorCode.CONFLICT,
            "The ring has " + VaultLimits.MAX_KEYS + " keys",
            "Rotations did not come to their end: look at the server's log.");
      }
      keys.addFirst(fresh());
      write(keys);
    }
  }

  /// Forgets every key but the current one and those that something still needs.
  void retire(Collection<String> needed) {
    if (file != null) {
      var keys = ring();
      var current = keys.getFirst();
      write(keys.stream().filter(key -> key.equals(current) || needed.contains(key.id())).toList());
    }
  }

  private Key fresh() {
    var bytes = new byte[KEY_BYTES];
    random.nextBytes(bytes);
    return Key.of(bytes);
  }

  private List<Key> ring() {
    if (file == null) {
      return given;
    }
    try {
      return parse(Files.readAllLines(file));
    } catch (NoSuchFileException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The file of the secrets' keys is gone: " + file,
          "Restore it from its backup; without it no secret can be opened.",
          e);
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  private void write(List<Key> keys) {
    var target = Optional.ofNullable(file).orElseThrow();
    try {
      DurableFiles.replace(
          target, keys.stream().map(Key::line).collect(Collectors.joining("\n")).getBytes(UTF_8));
    } catch (IOException e) {
      throw unusable(target, e);
    }
  }

  private static FairwayException unusable(Path file, IOException e) {
    return new FairwayException(
        ErrorCode.STORAGE_UNAVAILABLE,
        "The secrets' keys in " + file + " cannot be used: " + e.getMessage(),
        "Check the owner and the free space of the data folder.",
        e);
  }

  private static List<Key> parse(List<String> lines) {
    var keys = new ArrayList<Key>();
    for (var line : lines) {
      try {
        var bytes = Base64.getDecoder().decode(line.strip());
        if (bytes.length == KEY_BYTES && keys.size() < VaultLimits.MAX_KEYS) {
          keys.add(Key.of(bytes));
          continue;
        }
      } catch (IllegalArgumentException e) {
        // Refused below, like a key of another length.
      }
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "A key for secrets is not 32 bytes in Base64",
          "Make one with: openssl rand -base64 32");
    }
    return keys;
  }

  private static byte[] crypt(int mode, Key key, byte[] nonce, String place, byte[] bytes) {
    try {
      var cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(
          mode, new SecretKeySpec(key.bytes(), "AES"), new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(place.getBytes(UTF_8));
      return cipher.doFinal(bytes);
    } catch (GeneralSecurityException e) {
      throw new FairwayException(
          ErrorCode.INTERNAL,
          "A stored secret is not what was stored: its row was changed or damaged",
          "Set the secret anew.",
          e);
    }
  }

  /// A key does one thing only: what signs is derived from what seals.
  private static byte[] mac(byte[] key, String text) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
