package dev.fairway.ledger;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;

/// The two kinds of key that a log has, and how each signs.
enum KeyForm {
  /// Signs statements.
  ECDSA_P256("EC", "SHA256withECDSA"),
  /// Signs checkpoints.
  ED25519("Ed25519", "Ed25519");

  private final String algorithm;
  private final String signing;

  KeyForm(String algorithm, String signing) {
    this.algorithm = algorithm;
    this.signing = signing;
  }

  KeyPair generate(SecureRandom random) {
    try {
      var generator = KeyPairGenerator.getInstance(algorithm);
      if (this == ECDSA_P256) {
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("the JDK makes keys of this kind", missing);
    }
  }

  Bytes sign(PrivateKey key, byte[] message) {
    try {
      var signature = Signature.getInstance(signing);
      signature.initSign(key);
      signature.update(message);
      return Bytes.adopt(signature.sign());
    } catch (GeneralSecurityException unusable) {
      throw new LedgerException(
          LedgerException.Problem.KEY_UNUSABLE, "cannot sign with the " + this + " key", unusable);
    }
  }

  boolean verifies(PublicKey key, byte[] message, Bytes value) {
    return verifies(signing, key, message, value);
  }

  /// Whether a signature is of the message with this SHA-256, which itself is not known any more.
  /// Ed25519 has no such way: it hashes more than the message.
  boolean verifiesDigest(PublicKey key, Hash digest, Bytes value) {
    return this == ECDSA_P256 && verifies("NONEwithECDSA", key, digest.peek(), value);
  }

  private static boolean verifies(String algorithm, PublicKey key, byte[] message, Bytes value) {
    try {
      var signature = Signature.getInstance(algorithm);
      signature.initVerify(key);
      signature.update(message);
      return signature.verify(value.peek());
    } catch (GeneralSecurityException malformed) {
      // The JDK throws for a signature that is not even well formed; to us that is one that does
      // not verify.
      return false;
    }
  }

  /// Whether `key` is of this form: the curve counts, not only the family.
  boolean fits(PublicKey key) {
    return switch (this) {
      case ECDSA_P256 -> key instanceof ECPublicKey ec && isP256(ec.getParams());
      case ED25519 -> key instanceof EdECPublicKey ed && ed.getParams().getName().equals("Ed25519");
    };
  }

  private static boolean isP256(ECParameterSpec found) {
    try {
      var parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec("secp256r1"));
      var expected = parameters.getParameterSpec(ECParameterSpec.class);
      return found.getCurve().equals(expected.getCurve())
          && found.getGenerator().equals(expected.getGenerator())
          && found.getOrder().equals(expected.getOrder());
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("the JDK knows P-256", missing);
    }
  }

  /// Reads a SubjectPublicKeyInfo.
  PublicKey publicKey(Bytes spki) throws GeneralSecurityException {
    var key = KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(spki.peek()));
    if (!fits(key)) {
      throw new GeneralSecurityException("not a key of form " + this);
    }
    return key;
  }

  /// Reads a PKCS#8 private key.
  PrivateKey privateKey(Bytes pkcs8) throws GeneralSecurityException {
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8.peek()));
  }
}
