package io.sampo.actors.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.record.QueueKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random clients, a journal that is slow, fails and is read again after crashes, and time, against
 * a model that knows neither batches nor durability: who was granted a queue last, and when.
 *
 * <p>What clients were told is judged by itself. A client that was told of a lock relies on it for
 * the lock's whole time, whatever happens to the node; nobody else may be told of it meanwhile.
 */
class QueueLocksModelTest {
  private static final int STEPS = 200_000;
  private static final QueueLocks.Limits LIMITS = new QueueLocks.Limits(60, 120, 100);
  private static final List<String> CLIENTS = List.of("a", "b", "c");
  private static final List<GroupQueue> QUEUES =
      List.of(
          new GroupQueue("broker-0", new QueueKey("T", 0)),
          new GroupQueue("broker-0", new QueueKey("T", 1)),
          new GroupQueue("broker-1", new QueueKey("T", 0)),
          new GroupQueue("broker-1", new QueueKey("U", 0)));

  /** Who was granted a queue last, when that was, and when it was a member. */
  private record Grant(String clientId, long renewedMs, long memberMs) {}

  /** An answer that a client has not got yet. */
  private record Unanswered(String clientId, List<GroupQueue> held) {}

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private final Map<GroupQueue, Grant> grants = new HashMap<>();
  private final Map<GroupQueue, Grant> believed = new HashMap<>();
  private final List<Unanswered> unanswered = new ArrayList<>();
  private QueueLocks locks = new QueueLocks(LIMITS);
  private LockTable journal = LockTable.EMPTY;
  private @Nullable LockTable underway;
  private long nowMs;
  private int confirmedCount;
  private int takenOverCount;
  private int crashCount;

  @Test
  void aQueueNeverHasTwoHolders() {
    for (int step = 0; step < STEPS; step++) {
      try {
        step();
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ", step " + step, e);
      }
    }
    System.out.println(
        "seed " + seed + ": " + confirmedCount + " confirmed, " + takenOverCount + " taken over");
    assertThat(List.of(confirmedCount, takenOverCount, crashCount))
        .as("seed %s: the run met what it is for", seed)
        .allMatch(count -> count > 1000);
  }

  private void step() {
    switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> lock(client(), someQueues(), random.nextInt(4) > 0);
      case 4 -> unlock(client(), someQueues());
      case 5, 6, 7 -> nowMs += random.nextInt(25);
      case 8, 9 -> startBatch();
      case 10, 11 -> endBatch(true);
      case 12, 13 -> answerSome();
      case 14 -> {
        if (random.nextInt(8) == 0) {
          endBatch(false);
        } else {
          dropExpired();
        }
      }
      default -> {
        if (random.nextInt(8) == 0) {
          crash();
        }
      }
    }
  }

  private void lock(String clientId, List<GroupQueue> queues, boolean member) {
    List<GroupQueue> expected = new ArrayList<>();
    for (GroupQueue queue : queues) {
      Grant grant = grants.get(queue);
      boolean expired = grant == null || nowMs - grant.renewedMs() >= LIMITS.lockMs();
      if (grant != null && grant.clientId().equals(clientId)) {
        if (member) {
          expected.add(queue);
          grants.put(queue, new Grant(clientId, nowMs, nowMs));
        } else if (!expired && nowMs - grant.memberMs() < LIMITS.absenceMs()) {
          expected.add(queue);
          grants.put(queue, new Grant(clientId, nowMs, grant.memberMs()));
        }
      } else if (member && expired) {
        expected.add(queue);
        grants.put(queue, new Grant(clientId, nowMs, nowMs));
      }
    }

    List<GroupQueue> held = locks.lock(clientId, queues, member, nowMs);

    assertThat(held).isEqualTo(expected);
    Unanswered answer = new Unanswered(clientId, held);
    if (locks.durability(held) == QueueLocks.Durability.STORED) {
      assertThat(answer(answer)).isEqualTo(held);
    } else {
      unanswered.add(answer);
    }
  }

  private void unlock(String clientId, List<GroupQueue> queues) {
    locks.unlock(clientId, queues);
    for (GroupQueue queue : queues) {
      grants.computeIfPresent(
          queue, (key, grant) -> grant.clientId().equals(clientId) ? null : grant);
      believed.computeIfPresent(
          queue, (key, belief) -> belief.clientId().equals(clientId) ? null : belief);
    }
  }

  /** In any order and at any time, so also at the times at which the keeper answers. */
  private void answerSome() {
    for (int i = random.nextInt(3); i > 0 && !unanswered.isEmpty(); i--) {
      answer(unanswered.remove(random.nextInt(unanswered.size())));
    }
    if (unanswered.size() > 20) {
      unanswered.clear();
    }
  }

  private List<GroupQueue> answer(Unanswered answer) {
    String clientId = answer.clientId();
    List<GroupQueue> confirmed = locks.confirm(clientId, answer.held(), nowMs);
    for (GroupQueue queue : confirmed) {
      Grant grant = grants.get(queue);
      assertThat(grant).as("%s was granted", queue).isNotNull();
      assertThat(grant.clientId()).as("granted %s", queue).isEqualTo(clientId);
      grants.put(queue, new Grant(clientId, nowMs, grant.memberMs()));
      assertThat(durableHolder(queue)).as("the journal's holder of %s", queue).isEqualTo(clientId);
      Grant before = believed.put(queue, new Grant(clientId, nowMs, nowMs));
      if (before != null && !before.clientId().equals(clientId)) {
        assertThat(nowMs - before.renewedMs())
            .as("%s told to %s while %s relies on it", queue, clientId, before)
            .isGreaterThanOrEqualTo(LIMITS.lockMs());
        takenOverCount++;
      }
      confirmedCount++;
    }
    return confirmed;
  }

  private void startBatch() {
    if (locks.canWrite()) {
      assertThat(underway).as("one batch at a time").isNull();
      underway = locks.startBatch();
    }
  }

  private void endBatch(boolean stored) {
    LockTable batch = underway;
    if (batch == null) {
      return;
    }
    underway = null;
    if (stored) {
      journal = journal.with(batch);
      locks.batchStored();
    } else {
      reachesTheJournalPerhaps(batch);
      locks.batchLost();
    }
  }

  private void dropExpired() {
    locks.dropExpired(nowMs);
    grants.values().removeIf(grant -> nowMs - grant.renewedMs() >= LIMITS.lockMs());
  }

  private void crash() {
    LockTable batch = underway;
    if (batch != null) {
      reachesTheJournalPerhaps(batch);
    }
    underway = null;
    unanswered.clear();
    grants.clear();
    nowMs += random.nextInt(10);
    journal.forEach((queue, clientId) -> grants.put(queue, new Grant(clientId, nowMs, nowMs)));
    locks = new QueueLocks(LIMITS);
    locks.recovered(journal, nowMs);
    crashCount++;
  }

  private void reachesTheJournalPerhaps(LockTable batch) {
    if (random.nextBoolean()) {
      journal = journal.with(batch);
    }
  }

  private @Nullable String durableHolder(GroupQueue queue) {
    Map<GroupQueue, String> holders = new HashMap<>();
    journal.forEach(holders::put);
    return holders.get(queue);
  }

  private String client() {
    return CLIENTS.get(random.nextInt(CLIENTS.size()));
  }

  private List<GroupQueue> someQueues() {
    return QUEUES.stream().filter(queue -> random.nextInt(3) == 0).toList();
  }
}
