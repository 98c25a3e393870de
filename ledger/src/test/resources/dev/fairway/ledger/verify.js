// Verifies Sigstore bundles with the unmodified npm packages.
// usage: node verify.js TRUSTED_ROOT KEY BUNDLE...   prints one line per bundle: VERIFIED, or REJECTED and why
const fs = require('fs');
const crypto = require('crypto');
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');
const { bundleFromJSON } = require('@sigstore/bundle');
const { TrustedRoot } = require('@sigstore/protobuf-specs');

const [rootFile, keyFile, ...bundles] = process.argv.slice(2);
const root = TrustedRoot.fromJSON(JSON.parse(fs.readFileSync(rootFile)));
const publicKey = crypto.createPublicKey(fs.readFileSync(keyFile));
const trust = toTrustMaterial(root, () => ({ publicKey, validFor: () => true }));
const limits = { tlogThreshold: 1, ctlogThreshold: 0, timestampThreshold: 0 };

for (const file of bundles) {
  try {
    const bundle = bundleFromJSON(JSON.parse(fs.readFileSync(file)));
    new Verifier(trust, limits).verify(toSignedEntity(bundle));
    console.log('VERIFIED');
  } catch (error) {
    console.log(`REJECTED ${error.code || error.name}`);
  }
}
