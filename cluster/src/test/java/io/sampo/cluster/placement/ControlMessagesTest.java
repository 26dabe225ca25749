package io.sampo.cluster.placement;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.serialization.ControlMessageRoundTrip;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Whatever this module may tell another node, it may also tell it in bytes. */
class ControlMessagesTest {
  private static final ActorTestKit TEST_KIT =
      ActorTestKit.create("control-messages", ConfigFactory.load());

  @AfterAll
  static void stop() {
    TEST_KIT.shutdownTestKit();
  }

  @TestFactory
  Stream<DynamicTest> everyOneComesBackAsItWas() throws Exception {
    return ControlMessageRoundTrip.ofAllCompiledWith(NodeCard.class).tests(TEST_KIT);
  }
}
