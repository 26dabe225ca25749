package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.protocol.LogBase;
import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.RefusalReason;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.protocol.ReplicaMessage;
import java.util.List;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What replicas tell each other from actor to actor survives the network. */
class FromPeerTest {
  private static final ActorTestKit TEST_KIT =
      ActorTestKit.create("from-peer", ConfigFactory.load());
  private static final ReplicaId A = new ReplicaId("a", 11);
  private static final ReplicaId B = new ReplicaId("b", Long.MIN_VALUE);

  @AfterAll
  static void stop() {
    TEST_KIT.shutdownTestKit();
  }

  static Stream<ReplicaMessage> messages() {
    return Stream.of(
        new ReplicaMessage.Canvass(1, 2, 3),
        new ReplicaMessage.CanvassGranted(4),
        new ReplicaMessage.Prepare(5, 6, 7),
        new ReplicaMessage.Promise(8, 9, 10),
        new ReplicaMessage.Refused(11, 12, RefusalReason.NOT_A_MEMBER),
        new ReplicaMessage.Leading(13, Long.MAX_VALUE, 15),
        new ReplicaMessage.Follows(16, 17),
        new ReplicaMessage.Diverged(18, 19, 20, 21),
        new ReplicaMessage.StartsBeyond(
            22, 23, new LogBase(24, 25, new Membership(List.of(A, B), List.of()))));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void comesBackAsItWas(ReplicaMessage message) throws Exception {
    FromPeer sent = new FromPeer(A, B, message);
    var serialization = SerializationExtension.get(TEST_KIT.system());
    var serializer = serialization.serializerFor(FromPeer.class);

    byte[] bytes = serialization.serialize(sent).get();

    assertThat(
            serialization
                .deserialize(
                    bytes, serializer.identifier(), Serializers.manifestFor(serializer, sent))
                .get())
        .isEqualTo(sent);
  }
}
