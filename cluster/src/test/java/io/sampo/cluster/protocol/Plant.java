package io.sampo.cluster.protocol;

/**
 * A bug planted on purpose, in the rules of the core or in the code around it; {@link #NONE} for
 * the protocol as it is.
 *
 * @param rules what the core decides by
 * @param skipPledgeFlush a pledge is reported durable, but a crash soon after it takes it back
 * @param trustDamage damage below the flushed position is taken for a torn tail
 * @param wipedKeepsIdentity a replica with an empty disk comes back as who it was
 */
record Plant(
    ProtocolRules rules, boolean skipPledgeFlush, boolean trustDamage, boolean wipedKeepsIdentity) {
  static final Plant NONE = new Plant(new ProtocolRules(), false, false, false);

  static Plant rules(ProtocolRules rules) {
    return new Plant(rules, false, false, false);
  }
}
