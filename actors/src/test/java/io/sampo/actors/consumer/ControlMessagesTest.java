package io.sampo.actors.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.actors.catalog.Catalog;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.Heartbeat;
import io.sampo.actors.consumer.ConsumerGroup.Leave;
import io.sampo.actors.consumer.ConsumerGroup.Member;
import io.sampo.actors.group.LogGroup;
import io.sampo.cluster.replication.RemoteReplyTo;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.serialization.ControlMessage;
import io.sampo.cluster.serialization.ControlMessageRoundTrip;
import io.sampo.record.QueueKey;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the actors may tell another node, they may also tell it in bytes. */
class ControlMessagesTest {
  private static final ActorTestKit TEST_KIT =
      ActorTestKit.create("control-messages", ConfigFactory.load());

  @AfterAll
  static void stop() {
    TEST_KIT.shutdownTestKit();
  }

  @TestFactory
  Stream<DynamicTest> everyOneComesBackAsItWas() throws Exception {
    return ControlMessageRoundTrip.ofAllCompiledWith(LogGroup.class)
        .except(ConsumerGroup.InternalCommand.class)
        .tests(TEST_KIT);
  }

  /** The actors that nodes tell each other's; so none of their commands can be forgotten above. */
  @ParameterizedTest
  @ValueSource(
      classes = {
        LogGroup.Request.class,
        Catalog.Command.class,
        ConsumerGroup.Command.class,
        RemoteLink.LinkEvent.class
      })
  void whatAnotherNodesActorsAreToldIsAControlMessage(Class<?> commands) {
    assertThat(ControlMessage.class).isAssignableFrom(commands);
  }

  @Test
  void anAnswerOfAnyTypeFindsItsWayBack() {
    var node = TEST_KIT.<RemoteReplyTo.Answer>createTestProbe();
    var asked =
        new OffsetKeeping.GetOffset(
            new GroupQueue("broker-0", new QueueKey("orders", 1)),
            new RemoteReplyTo<>(node.getRef(), 5));

    OffsetKeeping.GetOffset arrived = (OffsetKeeping.GetOffset) throughTheWire(asked);
    arrived.replyTo().tell(new OffsetKeeping.OffsetFound(7));

    RemoteReplyTo.Answer answer = node.receiveMessage();
    assertThat(throughTheWire(answer))
        .isEqualTo(new RemoteReplyTo.Answer(5, new OffsetKeeping.OffsetFound(7)));
  }

  @Test
  void whatOnlyThisNodeCanReachIsNotSent() {
    ReplyTo<ConsumerGroup.HeartbeatReply> here = reply -> {};
    Member member = new Member("c", "10.0.0.1:40000", 0, 0, "", "", "", Map.of());
    RemoteLink link = new RemoteLink(TEST_KIT.<RemoteLink.LinkEvent>createTestProbe().getRef(), 1);

    assertThat(bytes(new Heartbeat(member, link, here)).isFailure()).isTrue();
    assertThat(bytes(new Leave("c", group -> {})).isFailure()).isTrue();
    assertThat(bytes(new Leave("c", link)).isSuccess()).isTrue();
  }

  private static scala.util.Try<byte[]> bytes(Object message) {
    return SerializationExtension.get(TEST_KIT.system()).serialize(message);
  }

  private static Object throughTheWire(Object message) {
    return SerializationExtension.get(TEST_KIT.system())
        .deserialize(bytes(message).get(), message.getClass())
        .get();
  }
}
