package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.placement.ReplicaKeeper.DiscardReplica;
import io.sampo.cluster.placement.ReplicaKeeper.Leave;
import io.sampo.cluster.placement.ReplicaKeeper.LeaveNoted;
import io.sampo.cluster.placement.ReplicaKeeper.OpenReplica;
import io.sampo.cluster.placement.ReplicaKeeper.OpenReply;
import io.sampo.cluster.placement.ReplicaKeeper.ReplicaNotOpened;
import io.sampo.cluster.placement.ReplicaKeeper.ReplicaOpened;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.CommitLogSettings;
import io.sampo.cluster.replication.LocalLog;
import io.sampo.cluster.replication.LocalLogs;
import io.sampo.cluster.replication.ReplicaQuestion.AskHealth;
import io.sampo.cluster.replication.ReplicaQuestion.ReplicaHealth;
import io.sampo.cluster.replication.ReplicaStatus;
import io.sampo.storage.recovery.ReplicaStateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node takes for its replicas when it starts, and what it does when the disk refuses. */
class ReplicaKeeperTest {
  private static final String GROUP = "broker-0";
  private static final ReplicaId SELF = new ReplicaId("a", 17);
  private static final ClusterPlan THREE =
      plan(List.of(SELF, new ReplicaId("b", 2), new ReplicaId("c", 3)));
  private static final ClusterPlan ALONE = plan(List.of(SELF));
  private static final Duration SOON = Duration.ofSeconds(30);

  private final ActorTestKit testKit = ActorTestKit.create("keeper", ConfigFactory.load());
  private final TestProbe<OpenReply> opened = testKit.createTestProbe();
  private final TestProbe<String> notKept = testKit.createTestProbe();

  @TempDir Path data;

  @AfterEach
  void stop() {
    testKit.shutdownTestKit();
  }

  private static ClusterPlan plan(List<ReplicaId> voters) {
    return new ClusterPlan("id", List.of(new LogGroupPlan(GROUP, voters, List.of())));
  }

  private ActorRef<ReplicaKeeper.Command> start(ClusterPlan plan) throws IOException {
    ReplicaKeeper.Listener listener =
        new ReplicaKeeper.Listener() {
          @Override
          public void logEnded(String logGroup) {}

          @Override
          public void failedLogGone(String logGroup) {}

          @Override
          public void left() {}

          @Override
          public void notKept(String reason) {
            notKept.ref().tell(reason);
          }
        };
    CommitLogSettings settings =
        CommitLogSettings.of(
            ConfigFactory.parseMap(
                    Map.of(
                        "sampo.data-dir", data.toString(),
                        "sampo.log.segment-size", "64 KiB",
                        "sampo.log.preallocate-step", "64 KiB"))
                .withFallback(ConfigFactory.load()));
    CharterBook book = new CharterBook(plan, Charter.EMPTY);
    return testKit.spawn(
        ReplicaKeeper.create(
            new ReplicaKeeper.Home(
                SELF, ReplicasFile.open(data), book, new ReplicaBoard(book), plan.equals(ALONE)),
            new NodePeers(testKit.system(), new NodeDirectory(), "id"),
            settings,
            listener),
        ReplicaKeeper.dispatcher());
  }

  private ReplicaId replica(ActorRef<ReplicaKeeper.Command> keeper, String logGroup) {
    keeper.tell(new OpenReplica(logGroup, opened.ref()));
    return opened.expectMessageClass(ReplicaOpened.class, SOON).replica();
  }

  private ReplicaStatus status() {
    return opened.awaitAssert(
        SOON,
        () -> {
          LocalLog log = LocalLogs.get(testKit.system()).find(GROUP);
          assertThat(log).isNotNull();
          return Objects.requireNonNull(Objects.requireNonNull(log).status());
        });
  }

  /** A voter that has given a promise. */
  private void promiseOnce(ClusterPlan plan, long epoch) throws IOException {
    ActorRef<ReplicaKeeper.Command> keeper = start(plan);
    assertThat(replica(keeper, GROUP)).isEqualTo(SELF);
    status();
    testKit.stop(keeper, SOON);
    ReplicaStateFile.open(folder()).promise(epoch);
  }

  private Path folder() {
    return data.resolve(GROUP);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  @Test
  void aReplicaIsItselfAgainAfterARestart() throws IOException {
    promiseOnce(THREE, 5);
    assertThat(replica(start(THREE), GROUP)).isEqualTo(SELF);
    assertThat(status().repairing()).isFalse();
  }

  @Test
  void whoseFolderIsGoneOrEmptiedIsAnotherReplica() throws IOException {
    promiseOnce(THREE, 5);
    for (boolean mounted : List.of(false, true)) {
      delete(folder());
      if (mounted) {
        Files.createDirectory(folder()); // where another disk should be
      }
      ActorRef<ReplicaKeeper.Command> keeper = start(THREE);
      assertThat(replica(keeper, GROUP)).isNotEqualTo(SELF);
      testKit.stop(keeper, SOON);
    }
  }

  @Test
  void whatAnotherReplicaLeftIsSetAside() throws IOException {
    promiseOnce(THREE, 5);
    Path away = data.resolve("unmounted");
    Files.move(folder(), away);
    ActorRef<ReplicaKeeper.Command> keeper = start(THREE);
    ReplicaId second = replica(keeper, GROUP);
    testKit.stop(keeper, SOON);
    delete(folder());
    Files.move(away, folder());

    ReplicaId third = replica(start(THREE), GROUP);

    assertThat(third).isNotEqualTo(second).isNotEqualTo(SELF);
    assertThat(ReplicaStateFile.open(data.resolve(GROUP + ".set-aside-1")).promisedEpoch())
        .isEqualTo(5);
  }

  @Test
  void whoseLogIsGoneIsRepaired() throws IOException {
    promiseOnce(THREE, 5);
    delete(folder().resolve("log"));

    assertThat(replica(start(THREE), GROUP)).isEqualTo(SELF);

    assertThat(status().repairing()).isTrue();
  }

  @Test
  void aNodeAloneDoesNotStartWithoutWhatItHad() throws IOException {
    promiseOnce(ALONE, 5);
    delete(folder());
    for (boolean mounted : List.of(false, true)) {
      if (mounted) {
        Files.createDirectory(folder());
      }
      ActorRef<ReplicaKeeper.Command> keeper = start(ALONE);
      assertThat(notKept.receiveMessage(SOON)).contains(GROUP).contains("no other copy");
      opened.expectTerminated(keeper, SOON);
    }
  }

  @Test
  void aFolderOfAnOlderVersionIsTakenAsItIs() throws IOException {
    for (ClusterPlan plan : List.of(THREE, ALONE)) {
      Files.createDirectories(folder());
      ReplicaStateFile.open(folder()).promise(4); // doesn't say whose it is
      Path log = folder().resolve("log");
      Files.createDirectories(log);
      Files.write(log.resolve("%020d.log".formatted(0)), new byte[1 << 16]);

      ActorRef<ReplicaKeeper.Command> keeper = start(plan);

      assertThat(replica(keeper, GROUP)).isEqualTo(SELF);
      assertThat(status().repairing()).isFalse();
      testKit.stop(keeper, SOON);
      delete(folder());
      Files.delete(data.resolve("replicas"));
    }
  }

  @Test
  void whatTheDiskRefusesEndsNothing() throws IOException {
    ActorRef<ReplicaKeeper.Command> keeper = start(THREE);
    assertThat(replica(keeper, GROUP)).isEqualTo(SELF);
    Path inTheWay = Files.createDirectory(data.resolve("replicas.new"));
    TestProbe<LeaveNoted> leave = testKit.createTestProbe();

    keeper.tell(new OpenReplica("broker-1", opened.ref()));
    opened.expectMessageClass(ReplicaNotOpened.class, SOON);
    keeper.tell(new Leave(true, leave.ref()));
    assertThat(leave.receiveMessage(SOON).leaving()).isFalse();
    keeper.tell(new DiscardReplica(GROUP, SELF, 9, 1 << 20));
    assertThat(replica(keeper, GROUP)).isEqualTo(SELF);

    Files.delete(inTheWay);
    ReplicaId second = replica(keeper, "broker-1");
    assertThat(ReplicasFile.open(data).replicas("a")).containsEntry("broker-1", second);
  }

  @Test
  void whereALogWasIsSaidThatItFailed() throws IOException {
    ActorRef<ReplicaKeeper.Command> keeper = start(THREE);
    replica(keeper, GROUP);
    ActorRefResolver resolver = ActorRefResolver.get(testKit.system());
    ActorRef<CommitLog.Command> door =
        resolver.resolveActorRef(
            resolver.toSerializationFormat(keeper).replaceAll("#.*", "")
                + "/"
                + NodePeers.commitLogName(GROUP));
    TestProbe<ReplicaHealth> health = testKit.createTestProbe();
    door.tell(new AskHealth(health.ref()));
    assertThat(health.receiveMessage(SOON).failed()).isFalse();

    keeper.tell(new DiscardReplica(GROUP, SELF, 9, 1 << 20));

    opened.awaitAssert(
        SOON,
        () -> {
          door.tell(new AskHealth(health.ref())); // a log that is just ending doesn't answer
          assertThat(health.receiveMessage(Duration.ofSeconds(1)).failed()).isTrue();
          return null;
        });
  }
}
