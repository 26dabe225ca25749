package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaEffect;
import io.sampo.cluster.protocol.ReplicaEffect.LeadershipRefused;
import io.sampo.cluster.protocol.ReplicaEffect.LeadershipWon;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.protocol.ReplicaInput;
import io.sampo.cluster.protocol.ReplicaMessage;
import io.sampo.cluster.protocol.ReplicaMessage.CanvassGranted;
import io.sampo.cluster.protocol.ReplicaMessage.Fetch;
import io.sampo.cluster.protocol.ReplicaMessage.Held;
import io.sampo.cluster.protocol.ReplicaMessage.Promise;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In which order the effects of the core reach a log and the others. */
class ReplicaTest {
  private static final ReplicaId A = new ReplicaId("a", 1);
  private static final ReplicaId B = new ReplicaId("b", 1);
  private static final ReplicaId C = new ReplicaId("c", 1);

  private final ScriptedReplicaLog log = new ScriptedReplicaLog();
  private final List<ReplicaEffect> news = new ArrayList<>();
  private long nowMs = 1_000;
  private final Replica a =
      new Replica(
          new ReplicaPlan(A, Membership.ofVoters(List.of(A, B, C))),
          ReplicationSettings.of(ConfigFactory.load()).ofProtocol(CommitLogSettings.Flush.SYNC),
          log,
          (to, message) -> log.note(to.node() + ": " + message.getClass().getSimpleName()),
          news::add,
          () -> nowMs);

  @Test
  void aPromiseIsDurableBeforeItIsAskedForAndARecordIsSentBeforeItIsFlushed() throws IOException {
    input(new ReplicaInput.Lead(0));
    told(B, new CanvassGranted(1));
    told(B, new Promise(1, 0, 0));
    told(B, new Fetch(1, 7, 0, 0, 0, true));

    assertThat(log.trace())
        .containsExactly(
            "b: Canvass",
            "c: Canvass",
            "promise 1",
            "b: Prepare",
            "c: Prepare",
            "epoch 1",
            "b: Leading",
            "c: Leading",
            "flush",
            "read 0 to 64",
            "b: Fetched");
    assertThat(news).noneMatch(LeadershipWon.class::isInstance);

    told(B, new Held(1, 64));
    told(B, new Fetch(1, 8, 64, 1, 64, true));
    assertThat(news).anyMatch(LeadershipWon.class::isInstance);
    int before = log.trace().size();
    log.grow(100);
    a.appended(164);
    a.run();

    assertThat(log.trace().subList(before, log.trace().size()))
        .containsExactly("read 64 to 164", "b: Fetched", "flush");
  }

  @Test
  void whoCanNotStoreAPromiseGivesUpAndTriesToStoreItAgainLater() throws IOException {
    log.failPromises();
    input(new ReplicaInput.Lead(0));
    told(B, new CanvassGranted(1));

    assertThat(news).hasSize(1).first().isInstanceOf(LeadershipRefused.class);
    assertThat(a.diskProblem()).contains("no space left for the promise");
    input(new ReplicaInput.Tick());
    assertThat(log.trace()).filteredOn("promise 1"::equals).hasSize(1);
    nowMs += 1_000;
    input(new ReplicaInput.Tick());
    assertThat(log.trace()).filteredOn("promise 1"::equals).hasSize(2);
  }

  private void told(ReplicaId from, ReplicaMessage message) throws IOException {
    input(new ReplicaInput.Received(from, message));
  }

  private void input(ReplicaInput input) throws IOException {
    a.put(input);
    a.run();
  }
}
