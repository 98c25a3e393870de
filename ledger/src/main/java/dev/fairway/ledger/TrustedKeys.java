package dev.fairway.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What an auditor must know in advance, and the only thing that verification trusts: the log's
/// name and its two public keys. Its file form is one PEM file, to be obtained once over a channel
/// that the auditor trusts.
public final class TrustedKeys {
  private static final String PUBLIC = "PUBLIC KEY";
  private static final Pattern ORIGIN = Pattern.compile("(?m)^Origin: (\\S+)$");

  /// The type of key and signature in the key id of a note: Ed25519.
  private static final byte NOTE_ED25519 = 1;

  private static final int ED25519_LENGTH = 32;

  private final String origin;
  private final PublicKey signing;
  private final PublicKey checkpoint;
  private final Bytes signingSpki;
  private final Hash logId;

  TrustedKeys(String origin, PublicKey signing, PublicKey checkpoint) {
    if (!Checkpoint.validOrigin(origin)
        || !KeyForm.ECDSA_P256.fits(signing)
        || !KeyForm.ED25519.fits(checkpoint)) {
      throw new LedgerException(
          LedgerException.Problem.KEY_UNUSABLE,
          "a log has an origin, an ECDSA P-256 key for statements and an Ed25519 key for"
              + " checkpoints");
    }
    this.origin = origin;
    this.signing = signing;
    this.checkpoint = checkpoint;
    this.signingSpki = Bytes.adopt(signing.getEncoded());
    this.logId = logId(origin, checkpoint);
  }

  private static Hash logId(String origin, PublicKey checkpoint) {
    var spki = checkpoint.getEncoded();
    var name = (origin + "\n").getBytes(StandardCharsets.UTF_8);
    return Hash.sha256(
        ByteBuffer.allocate(name.length + 1 + ED25519_LENGTH)
            .put(name)
            .put(NOTE_ED25519)
            .put(Arrays.copyOfRange(spki, spki.length - ED25519_LENGTH, spki.length))
            .array());
  }

  /// Reads the file form.
  ///
  /// @throws LedgerException with `KEY_UNUSABLE` and what is wrong
  public static TrustedKeys parse(String pem) {
    var origin = ORIGIN.matcher(pem);
    if (!origin.find()) {
      throw unusable("the line \"Origin: NAME\" is missing", null);
    }
    List<PublicKey> signing = new ArrayList<>();
    List<PublicKey> checkpoint = new ArrayList<>();
    for (var block : Pem.parse(pem)) {
      if (!block.label().equals(PUBLIC)) {
        throw unusable(
            "it holds a block " + block.label() + "; expected " + PUBLIC + " only", null);
      }
      try {
        signing.add(KeyForm.ECDSA_P256.publicKey(block.content()));
      } catch (GeneralSecurityException notEcdsa) {
        try {
          checkpoint.add(KeyForm.ED25519.publicKey(block.content()));
        } catch (GeneralSecurityException neither) {
          throw unusable("it holds a key that is neither ECDSA P-256 nor Ed25519", neither);
        }
      }
    }
    if (signing.size() != 1 || checkpoint.size() != 1) {
      throw unusable("it must hold one ECDSA P-256 key and one Ed25519 key", null);
    }
    return new TrustedKeys(origin.group(1), signing.getFirst(), checkpoint.getFirst());
  }

  private static LedgerException unusable(String why, @Nullable Throwable cause) {
    return new LedgerException(
        LedgerException.Problem.KEY_UNUSABLE,
        "this is no public key file of a ledger: " + why,
        cause);
  }

  /// The file form.
  public String pem() {
    return "Public keys of a Fairway ledger\nOrigin: "
        + origin
        + "\n\nStatements (ECDSA P-256)\n"
        + new Pem(PUBLIC, signingSpki).write()
        + "\nCheckpoints (Ed25519)\n"
        + new Pem(PUBLIC, Bytes.adopt(checkpoint.getEncoded())).write();
  }

  /// The statement key alone as PEM, for tools that take one key.
  public String signingPem() {
    return new Pem(PUBLIC, signingSpki).write();
  }

  /// The log as a Sigstore trusted root, for verifiers that are not ours.
  public String trustedRoot() {
    var id = Json.object("keyId", Json.of(logId.base64()));
    var log =
        Json.object(
            "baseUrl", Json.of("https://" + origin),
            "hashAlgorithm", Json.of("SHA2_256"),
            "publicKey",
                Json.object(
                    "rawBytes", Json.of(Bytes.adopt(checkpoint.getEncoded()).base64()),
                    "keyDetails", Json.of("PKIX_ED25519"),
                    "validFor", Json.object("start", Json.of("1970-01-01T00:00:00Z"))),
            "logId", id,
            "checkpointKeyId", id);
    return Json.object(
            "mediaType", Json.of("application/vnd.dev.sigstore.trustedroot.v0.2+json"),
            "tlogs", new Json.Arr(List.of(log)),
            "certificateAuthorities", new Json.Arr(List.of()),
            "ctlogs", new Json.Arr(List.of()),
            "timestampAuthorities", new Json.Arr(List.of()))
        .write();
  }

  /// The log's name, as in its checkpoints.
  public String origin() {
    return origin;
  }

  /// Identifies the log: the hash of its origin and checkpoint key.
  public Hash logId() {
    return logId;
  }

  /// Identifies the statement key: Base64 of the SHA-256 of its SubjectPublicKeyInfo.
  public String keyId() {
    return Hash.sha256(signingSpki.peek()).base64();
  }

  Bytes signingSpki() {
    return signingSpki;
  }

  /// The first four bytes of the log id, which a signature line of a note carries.
  int noteKeyId() {
    return ByteBuffer.wrap(logId.peek()).getInt();
  }

  boolean verifiesStatement(byte[] message, Bytes signature) {
    return KeyForm.ECDSA_P256.verifies(signing, message, signature);
  }

  boolean verifiesDigest(Hash digest, Bytes signature) {
    return KeyForm.ECDSA_P256.verifiesDigest(signing, digest, signature);
  }

  /// The checkpoint in a note, once a signature of this log's key on it was verified. Signatures of
  /// others are ignored here, as the note format says.
  Checkpoint checkpoint(SignedNote note) throws Refusal {
    var found = Checkpoint.parse(note.text());
    if (!found.origin().equals(origin)) {
      throw new Refusal(
          Flaw.WRONG_LOG,
          "the checkpoint is of \"" + found.origin() + "\", trusted is \"" + origin + "\"");
    }
    boolean signed = false;
    for (var signature : note.signatures()) {
      if (signature.name().equals(origin) && signature.keyId() == noteKeyId()) {
        if (!KeyForm.ED25519.verifies(
            checkpoint, note.text().getBytes(StandardCharsets.UTF_8), signature.value())) {
          throw new Refusal(Flaw.BAD_CHECKPOINT_SIGNATURE, "the signature does not match");
        }
        signed = true;
      }
    }
    if (!signed) {
      throw new Refusal(Flaw.BAD_CHECKPOINT_SIGNATURE, "no signature of the trusted key");
    }
    return found;
  }

  /// Verifies a signed note as a checkpoint of this log.
  public Verdict<Checkpoint> verifyCheckpoint(String note) {
    try {
      return new Verdict.Verified<>(checkpoint(SignedNote.parse(note)));
    } catch (Refusal refusal) {
      return new Verdict.Refused<>(refusal.flaw(), "checkpoint", refusal.detail());
    }
  }
}
