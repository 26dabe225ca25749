package io.sampo.routing.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.OffsetResponseHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What comes in envelopes, in the name of another node. */
class EnvelopeTest {
  private static final CommandHeader ANY = new OffsetResponseHeader(1);

  private final TestClient client =
      new TestClient(PortRole.logGroup("broker-0"), TestSettings.roomy(), Opening::new);

  @AfterEach
  void nothingLeaks() {
    client.close();
    client.assertNothingLeaked();
  }

  @Test
  void anEnvelopeWithoutAnAddressIsRefusedAndLeaksNothing() {
    byte[] content = bytes(TestClient.frame(HeaderCodec.JSON, 3, 31, false, ANY, new byte[100]));

    client.send(RelayedFor.CODE, CommandHeader.NONE, content);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    client.send(RelayedFor.CODE, out -> out.field("a", 1).field("p", 70_000), content);
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    client.sendOneway(RelayedFor.CODE, CommandHeader.NONE, content);
    assertThat(client.answers()).isEmpty();

    client.assertNothingLeaked();
    client.send(RelayedFor.CODE, out -> out.field("a", 0x7f000001).field("p", 70), content);
    assertThat(client.answer().text()).as("in an envelope").contains("127.0.0.1:70");
  }

  private static byte[] bytes(ByteBuf frame) {
    byte[] bytes = new byte[frame.readableBytes()];
    frame.readBytes(bytes);
    frame.release();
    return bytes;
  }

  /** Looks into envelopes, and says whose request it was. */
  private record Opening(ClientConnection connection) implements Session {
    @Override
    public void onCommand(RemotingCommand command) {
      connection.open(
          command,
          content -> {
            Exchange exchange = new Exchange(connection, content);
            connection.begin(exchange, 0);
            exchange.answer(ResponseCode.SUCCESS, exchange.client().toString());
            content.release();
          });
    }

    @Override
    public void onClosed() {}
  }
}
