package io.sampo.cluster.serialization;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.serialization.SerializationExtension;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The kinds of control messages there can be all survive the network. */
class ControlMessageSerializationTest {
  private static final ActorTestKit TEST_KIT =
      ActorTestKit.create("serialization", ConfigFactory.load());

  enum Role {
    LEADER,
    FOLLOWER
  }

  record Address(String host, int port) {}

  record Announcement(
      String logGroup, long epoch, boolean serves, Role role, ActorRef<Question> leader)
      implements ControlMessage {}

  record Question(ActorRef<Announcement> replyTo) implements ControlMessage {}

  record OneName(String name) implements ControlMessage {}

  record Places(
      Map<String, Long> positions,
      List<Address> peers,
      Optional<Address> leader,
      @Nullable Address previous,
      Duration patience)
      implements ControlMessage {}

  record Nothing() implements ControlMessage {}

  enum Done implements ControlMessage {
    INSTANCE
  }

  /** Must not get through: nobody marked it. */
  private record Unmarked(String secret) implements Serializable {}

  @AfterAll
  static void stop() {
    TEST_KIT.shutdownTestKit();
  }

  @TestFactory
  Stream<DynamicTest> comesBackAsItWas() throws Exception {
    return ControlMessageRoundTrip.ofAllCompiledWith(ControlMessageSerializationTest.class)
        .tests(TEST_KIT);
  }

  @Test
  void whatIsNotMarkedDoesNotCrossTheNetwork() {
    var serialization = SerializationExtension.get(TEST_KIT.system());

    assertThatThrownBy(() -> serialization.serialize(new Unmarked("by Java's serialization")).get())
        .hasMessageContaining("allow-java-serialization");
  }
}
