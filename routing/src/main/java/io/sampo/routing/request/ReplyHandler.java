package io.sampo.routing.request;

import io.netty.buffer.ByteBuf;
import io.sampo.record.MessageProperties;
import io.sampo.routing.net.ClientConnection;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.ReplyMessageRequestHeader;
import io.sampo.wire.header.SendRequestHeader;
import io.sampo.wire.header.SendResponseHeader;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Replies to messages whose producer waits for one (324, 325). A reply is not stored: it is pushed
 * (326) over the connection of the client that its properties name. Success means that it was
 * handed to that connection; whether the producer still waits is the producer's business.
 */
final class ReplyHandler implements RequestHandler {
  private static final String REPLY_TO_CLIENT = "REPLY_TO_CLIENT";

  /** What RocketMQ answers: there is no place in a log. */
  private static final String NO_ID = "0";

  private final int bodyBytesMax;
  private final Brokers brokers;
  private final ConnectedClients clients;
  private final InstantSource clock;

  ReplyHandler(int bodyBytesMax, Brokers brokers, ConnectedClients clients, InstantSource clock) {
    this.bodyBytesMax = bodyBytesMax;
    this.brokers = brokers;
    this.clients = clients;
    this.clock = clock;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    SendRequestHeader header =
        command.code() == RequestCode.SEND_REPLY_MESSAGE
            ? SendRequestHeader.readLongNames(command.fields())
            : SendRequestHeader.read(command.fields());
    Exchange request = session.begin(command);
    String clientId = clientOf(header);
    if (clientId == null) {
      request.answer(
          ResponseCode.MESSAGE_ILLEGAL,
          "a reply has the property " + REPLY_TO_CLIENT + ", which names who waits for it");
      return;
    }
    if (command.body().readableBytes() > bodyBytesMax) {
      request.answer(
          ResponseCode.MESSAGE_ILLEGAL,
          "the body has more than " + bodyBytesMax + " bytes (sampo.message.max-size)");
      return;
    }
    ClientSession waiting = clients.find(clientId);
    if (waiting == null) {
      request.answer(
          ResponseCode.SYSTEM_ERROR, "the client " + clientId + " is not connected to this node");
      return;
    }
    push(session, request, header, command.body(), waiting);
  }

  private static @Nullable String clientOf(SendRequestHeader header) {
    byte[] properties = header.properties();
    return properties == null ? null : MessageProperties.find(properties, REPLY_TO_CLIENT);
  }

  private void push(
      ClientSession session,
      Exchange request,
      SendRequestHeader header,
      ByteBuf body,
      ClientSession waiting) {
    ClientConnection connection = session.connection();
    ReplyMessageRequestHeader pushed =
        new ReplyMessageRequestHeader(
            header,
            request.client().toString(),
            brokers.broker(session.logGroup()).storeHost().toString(),
            clock.millis());
    int bodyBytes = body.readableBytes();
    connection.hold(bodyBytes);
    waiting
        .connection()
        .sendOneway(
            RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT,
            pushed,
            body.retain(),
            written -> {
              connection.release(bodyBytes);
              if (written) {
                request.answer(new SendResponseHeader(NO_ID, header.queueId(), 0, null));
              } else {
                request.answer(
                    ResponseCode.SYSTEM_ERROR, "the reply could not be sent to " + waiting);
              }
            });
  }
}
