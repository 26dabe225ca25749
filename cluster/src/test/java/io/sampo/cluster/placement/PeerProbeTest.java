package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.placement.PeerLine.Event;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.event.EventStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Processes that end, stood in for by sockets and by another actor system in this JVM. */
class PeerProbeTest {
  private static final Config CONFIG =
      ConfigFactory.parseString(
              """
              pekko.actor.provider = cluster
              pekko.coordinated-shutdown.run-by-actor-system-terminate = off
              pekko.remote.artery { transport = tcp, canonical { hostname = "127.0.0.1", port = 0 } }
              pekko.cluster {
                jmx.enabled = off
                periodic-tasks-initial-delay = 50ms
                gossip-interval = 100ms
                leader-actions-interval = 100ms
                failure-detector {
                  implementation-class = "io.sampo.cluster.placement.EvidencedFailureDetector"
                  acceptable-heartbeat-pause = 60s
                }
              }
              """)
          .withFallback(ConfigFactory.load());

  private final ActorTestKit one = ActorTestKit.create("probe", CONFIG);

  @AfterEach
  void stop() {
    one.shutdownTestKit();
  }

  @Test
  void aConnectionTellsWhenTheOtherSideEndsAndThatNobodyListensAnyMore() throws IOException {
    TestProbe<Event> events = one.createTestProbe();
    InetSocketAddress address;
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      address = new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
      try (PeerLine line = PeerLine.open(address, events.ref()::tell)) {
        events.expectMessage(Event.OPEN);
        Socket accepted = server.accept();
        accepted.getOutputStream().write(1); // is of no interest
        events.expectNoMessage(Duration.ofMillis(100));
        accepted.close();
        events.expectMessage(Event.BROKEN);
      }
    }

    try (PeerLine line = PeerLine.open(address, events.ref()::tell)) {
      events.expectMessage(Event.REFUSED);
    }
  }

  @Test
  void aHostThatNobodyKnowsIsNoEvidence() throws IOException {
    TestProbe<Event> events = one.createTestProbe();

    try (PeerLine line =
        PeerLine.open(InetSocketAddress.createUnresolved("no.such.host", 1), events.ref()::tell)) {
      events.expectMessage(Event.UNCLEAR);
    }
  }

  @Test
  void aMemberWhosePortIsClosedIsGoneAndOneThatListensIsNot() {
    ActorTestKit other = ActorTestKit.create("probe", CONFIG);
    TestProbe<Member> gone = one.createTestProbe();
    join(one);
    one.spawn(PeerProbe.create(gone.ref()::tell), PeerProbe.dispatcher());
    join(other);
    awaitUp(other);
    gone.expectNoMessage(Duration.ofSeconds(1));

    // Not in order: for the others its process just ends.
    other.system().classicSystem().terminate();

    Member member = gone.receiveMessage(Duration.ofSeconds(20));
    assertThat(member).isEqualTo(Cluster.get(other.system()).selfMember());
  }

  @Test
  void aMemberWhoseProcessHasEndedIsRemovedHoweverMuchSilenceIsAllowed() {
    ActorTestKit other = ActorTestKit.create("probe", CONFIG);
    join(one);
    one.spawn(PeerProbe.create(), PeerProbe.dispatcher());
    join(other);
    awaitMembers(2);

    other.system().classicSystem().terminate();

    awaitMembers(1);
  }

  @Test
  void ofThreeMembersNobodyIsGoneOnOneWord() {
    ActorTestKit other = ActorTestKit.create("probe", CONFIG);
    ActorTestKit witness = ActorTestKit.create("probe", CONFIG);
    try {
      TestProbe<Member> gone = one.createTestProbe();
      join(one);
      ActorRef<PeerProbe.Command> probe =
          one.spawn(PeerProbe.create(gone.ref()::tell), PeerProbe.dispatcher());
      join(witness);
      join(other);
      Member ending = Cluster.get(other.system()).selfMember();
      awaitMembers(3);
      other.system().classicSystem().terminate();
      gone.expectNoMessage(Duration.ofSeconds(2));

      probe.tell(
          new PeerProbe.Refuses(
              PeerProbe.name(ending.uniqueAddress()),
              PeerProbe.name(Cluster.get(witness.system()).selfMember().uniqueAddress())));

      assertThat(gone.receiveMessage(Duration.ofSeconds(20))).isEqualTo(ending);
    } finally {
      witness.shutdownTestKit();
    }
  }

  @Test
  void membersTellEachOtherWhoRefusesThem() {
    ActorTestKit other = ActorTestKit.create("probe", CONFIG);
    ActorTestKit witness = ActorTestKit.create("probe", CONFIG);
    try {
      join(one);
      one.spawn(PeerProbe.create(), PeerProbe.NAME, PeerProbe.dispatcher());
      witness.spawn(PeerProbe.create(), PeerProbe.NAME, PeerProbe.dispatcher());
      join(witness);
      join(other);
      awaitMembers(3);

      other.system().classicSystem().terminate();

      awaitMembers(2);
    } finally {
      witness.shutdownTestKit();
    }
  }

  @Test
  void aHeartbeatTakesTheEvidenceBack() {
    EventStream events = one.system().classicSystem().eventStream();
    Address member = Cluster.get(one.system()).selfMember().address();
    EvidencedFailureDetector detector =
        new EvidencedFailureDetector(CONFIG.getConfig("pekko.cluster.failure-detector"), events);
    detector.setAddress(member.toString());
    detector.heartbeat();
    assertThat(detector.isAvailable()).isTrue();

    EvidencedFailureDetector.ended(events, member);
    assertThat(detector.isAvailable()).isFalse();
    detector.heartbeat();

    assertThat(detector.isAvailable()).isTrue();
  }

  private void awaitMembers(int count) {
    one.createTestProbe()
        .awaitAssert(
            Duration.ofSeconds(20),
            () -> {
              assertThat(Cluster.get(one.system()).state().getMembers()).hasSize(count);
              return null;
            });
  }

  private void join(ActorTestKit node) {
    Cluster.get(node.system())
        .manager()
        .tell(Join.create(Cluster.get(one.system()).selfMember().address()));
    awaitUp(node);
  }

  private void awaitUp(ActorTestKit node) {
    one.createTestProbe()
        .awaitAssert(
            Duration.ofSeconds(20),
            () -> {
              assertThat(Cluster.get(node.system()).selfMember().status())
                  .isEqualTo(MemberStatus.up());
              return null;
            });
  }
}
