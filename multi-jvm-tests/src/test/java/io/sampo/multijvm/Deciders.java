package io.sampo.multijvm;

import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.LocalTransactions;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An application with transactions: the key says how each goes. A quarter commits and a quarter
 * rolls back at once; of a quarter it says only when asked for the second time that it commits, and
 * of a quarter, when asked, that it is rolled back. A transaction that was asked about before it
 * began never begins, as with applications that look into their database.
 */
final class Deciders implements LocalTransactions {
  private static final int PLANS = 4;

  private final Map<Long, Decision> decided = new ConcurrentHashMap<>();
  private final Map<Long, Integer> asked = new ConcurrentHashMap<>();
  private final Set<Long> open = ConcurrentHashMap.newKeySet();

  @Override
  public Decision execute(byte[] body) {
    long key = Payload.key(body);
    int plan = plan(key);
    Decision end = plan % 2 == 0 ? Decision.COMMIT : Decision.ROLLBACK;
    if (decided.putIfAbsent(key, end) != null) {
      return Decision.ROLLBACK;
    }
    if (plan < PLANS / 2) {
      return end;
    }
    open.add(key);
    return Decision.UNKNOWN;
  }

  private static int plan(long key) {
    return Math.floorMod(Long.hashCode(key * 0x9E3779B97F4A7C15L) >>> 8, PLANS);
  }

  @Override
  public Decision check(Delivery half) {
    long key = Payload.key(half.body());
    Decision end = decided.computeIfAbsent(key, unheardOf -> Decision.ROLLBACK);
    int times = asked.merge(key, 1, Integer::sum);
    if (plan(key) == PLANS / 2 && times == 1) {
      return Decision.UNKNOWN;
    }
    open.remove(key);
    return end;
  }

  /** Whether the message of this key must come; if not it must never come. */
  boolean isCommitted(long key) {
    return decided.get(key) == Decision.COMMIT;
  }

  /** How many transactions wait to be asked about. */
  int openCount() {
    return open.size();
  }

  /** How many were asked about. */
  int askedCount() {
    return asked.size();
  }
}
