package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two actor systems that are set up as those of nodes are. */
final class EndedActorsTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final ActorTestKit here = kit();
  private final ActorTestKit there = kit();

  private static ActorTestKit kit() {
    return ActorTestKit.create(
        "nodes",
        NodeConfig.load(
            null,
            Map.of(
                "pekko.remote.artery.canonical.hostname", "127.0.0.1",
                "pekko.remote.artery.canonical.port", "0")));
  }

  @AfterEach
  void shutDown() {
    here.shutdownTestKit();
    there.shutdownTestKit();
  }

  @Test
  void whoWaitsForAnActorOfAnotherNodeHearsOfItsEndWithoutATimeOut() {
    TestProbe<String> watcher = here.createTestProbe();
    Cluster cluster = Cluster.get(here.system());
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    Cluster.get(there.system()).manager().tell(Join.create(cluster.selfMember().address()));
    watcher.awaitAssert(SOON, () -> assertThat(membersUp(cluster)).isEqualTo(2));
    ActorRef<String> ending = there.spawn(answering());
    String address = ActorRefResolver.get(there.system()).toSerializationFormat(ending);
    ActorRef<String> seen = ActorRefResolver.get(here.system()).resolveActorRef(address);
    here.spawn(
        Behaviors.<String>setup(
            context -> {
              context.watchWith(seen, "ended");
              seen.tell(
                  ActorRefResolver.get(context.getSystem())
                      .toSerializationFormat(context.getSelf()));
              return Behaviors.receiveMessage(
                  message -> {
                    watcher.getRef().tell(message);
                    return Behaviors.same();
                  });
            }));
    watcher.expectMessage(SOON, "here");

    LoggingTestKit.warn("Flush timeout")
        .withOccurrences(0)
        .expect(
            there.system(),
            () -> {
              there.stop(ending);
              watcher.expectMessage(SOON, "ended");
              return null;
            });
  }

  /** Answers whom it is told of. */
  private static Behavior<String> answering() {
    return Behaviors.setup(
        context ->
            Behaviors.receiveMessage(
                from -> {
                  ActorRefResolver.get(context.getSystem())
                      .<String>resolveActorRef(from)
                      .tell("here");
                  return Behaviors.same();
                }));
  }

  private static long membersUp(Cluster cluster) {
    return StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
        .filter(member -> member.status() == MemberStatus.up())
        .count();
  }
}
