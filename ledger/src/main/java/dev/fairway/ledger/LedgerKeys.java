package dev.fairway.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The two private keys of a log and its name. Whoever holds this can write history, so it stays in
/// the server process.
public final class LedgerKeys {
  /// File with the ECDSA P-256 key that signs statements: a PKCS#8 block and its public key's
  /// block.
  public static final String SIGNING_FILE = "signing-key.pem";

  /// File with the Ed25519 key that signs checkpoints, in the same form.
  public static final String CHECKPOINT_FILE = "checkpoint-key.pem";

  /// File for auditors: [TrustedKeys#pem()].
  public static final String PUBLIC_FILE = "ledger-public.pem";

  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private final KeyPair signing;
  private final KeyPair checkpoint;
  private final TrustedKeys trusted;

  private LedgerKeys(String origin, KeyPair signing, KeyPair checkpoint) {
    this.signing = signing;
    this.checkpoint = checkpoint;
    this.trusted = new TrustedKeys(origin, signing.getPublic(), checkpoint.getPublic());
  }

  /// New keys in memory.
  public static LedgerKeys generate(String origin, SecureRandom random) {
    return new LedgerKeys(
        origin, KeyForm.ECDSA_P256.generate(random), KeyForm.ED25519.generate(random));
  }

  /// The keys in `folder`. On the first start, when the folder holds none of the files, makes them
  /// under the name `origin`; later, the name is read from the public file.
  ///
  /// @throws LedgerException with `KEY_UNUSABLE` when some of the files are missing, malformed, do
  ///   not belong together, or a private one is open to others
  public static LedgerKeys openOrCreate(Path folder, String origin, SecureRandom random) {
    var publicFile = folder.resolve(PUBLIC_FILE);
    try {
      // The public file is written last: without it, an interrupted first start is simply made
      // again.
      if (!Files.exists(publicFile)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        var made = generate(origin, random);
        write(folder.resolve(SIGNING_FILE), pair(made.signing));
        write(folder.resolve(CHECKPOINT_FILE), pair(made.checkpoint));
        write(publicFile, made.trusted.pem());
        Files.setPosixFilePermissions(publicFile, PosixFilePermissions.fromString("rw-r--r--"));
      }
      var known = TrustedKeys.parse(Files.readString(publicFile));
      var keys =
          new LedgerKeys(
              known.origin(),
              read(folder.resolve(SIGNING_FILE), KeyForm.ECDSA_P256),
              read(folder.resolve(CHECKPOINT_FILE), KeyForm.ED25519));
      if (!keys.trusted.pem().equals(known.pem())) {
        throw unusable(publicFile, "is not the public half of the keys beside it");
      }
      return keys;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static String pair(KeyPair pair) {
    return new Pem("PRIVATE KEY", Bytes.adopt(pair.getPrivate().getEncoded())).write()
        + new Pem("PUBLIC KEY", Bytes.adopt(pair.getPublic().getEncoded())).write();
  }

  private static void write(Path file, String content) throws IOException {
    var half = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(half);
    try (var channel =
        FileChannel.open(
            half,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
      var bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static KeyPair read(Path file, KeyForm form) throws IOException {
    if (!Files.exists(file)) {
      throw unusable(file, "is missing");
    }
    var allowed = Files.getPosixFilePermissions(file);
    if (!OWNER_ONLY.containsAll(allowed)) {
      throw unusable(
          file, "has mode " + PosixFilePermissions.toString(allowed) + "; run: chmod 600 " + file);
    }
    var blocks = Pem.parse(Files.readString(file));
    if (blocks.size() != 2
        || !blocks.get(0).label().equals("PRIVATE KEY")
        || !blocks.get(1).label().equals("PUBLIC KEY")) {
      throw unusable(file, "must hold a PRIVATE KEY block (PKCS#8) and then its PUBLIC KEY block");
    }
    try {
      var pair =
          new KeyPair(
              form.publicKey(blocks.get(1).content()), form.privateKey(blocks.get(0).content()));
      var probe = "do the halves belong together?".getBytes(StandardCharsets.US_ASCII);
      if (!form.verifies(pair.getPublic(), probe, form.sign(pair.getPrivate(), probe))) {
        throw unusable(file, "has a public key that is not its private key's");
      }
      return pair;
    } catch (GeneralSecurityException malformed) {
      throw new LedgerException(
          LedgerException.Problem.KEY_UNUSABLE, file + " holds no " + form + " key", malformed);
    }
  }

  private static LedgerException unusable(Path file, String why) {
    return new LedgerException(LedgerException.Problem.KEY_UNUSABLE, file + " " + why);
  }

  /// The public half.
  public TrustedKeys trusted() {
    return trusted;
  }

  /// Signs a statement as DSSE. Safe for concurrent use; about a millisecond of processor time.
  public Envelope sign(InTotoStatement statement) {
    return sign(Bytes.adopt(statement.payload()));
  }

  /// Signs the bytes of [InTotoStatement#payload()], as they were stored.
  public Envelope sign(Bytes payload) {
    var message = Envelope.preAuthentication(InTotoStatement.PAYLOAD_TYPE, payload);
    return envelope(payload, KeyForm.ECDSA_P256.sign(signing.getPrivate(), message));
  }

  /// The envelope of a payload that these keys signed earlier.
  public Envelope envelope(Bytes payload, Bytes signature) {
    return new Envelope(InTotoStatement.PAYLOAD_TYPE, payload, trusted.keyId(), signature);
  }

  /// The leaf that logs an envelope which these keys signed.
  public Bytes leaf(Envelope envelope) {
    return HashedRekord.body(envelope, trusted.signingSpki());
  }

  /// Signs a checkpoint of this log.
  SignedNote sign(long size, Hash root) {
    var text = new Checkpoint(trusted.origin(), size, root).text();
    var value =
        KeyForm.ED25519.sign(checkpoint.getPrivate(), text.getBytes(StandardCharsets.UTF_8));
    return new SignedNote(
        text, List.of(new SignedNote.Signature(trusted.origin(), trusted.noteKeyId(), value)));
  }
}
