package io.sampo.routing.request;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.sampo.record.MessageProperties;
import io.sampo.routing.net.ClientConnection;
import io.sampo.routing.net.Exchange;
import io.sampo.routing.request.ForClient.Whom;
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
 * (326) over a connection of the client that its properties name, on whatever node that is. Success
 * means that it was handed to that connection; whether the producer still waits is the producer's
 * business.
 */
final class ReplyHandler implements RequestHandler {
  private static final String REPLY_TO_CLIENT = "REPLY_TO_CLIENT";

  /** What RocketMQ answers: there is no place in a log. */
  private static final String NO_ID = "0";

  private final int bodyBytesMax;
  private final Brokers brokers;
  private final ConnectedClients clients;
  private final OtherNodes others;
  private final InstantSource clock;

  ReplyHandler(
      int bodyBytesMax,
      Brokers brokers,
      ConnectedClients clients,
      OtherNodes others,
      InstantSource clock) {
    this.bodyBytesMax = bodyBytesMax;
    this.brokers = brokers;
    this.clients = clients;
    this.others = others;
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
    ReplyMessageRequestHeader pushed =
        new ReplyMessageRequestHeader(
            header,
            request.client().toString(),
            brokers.broker(session.logGroup()).storeHost().toString(),
            clock.millis());
    ClientSession waiting = clients.find(clientId);
    if (waiting == null) {
      pushElsewhere(request, pushed, command.body(), clientId, header.queueId());
    } else {
      push(request, pushed, command.body(), waiting, header.queueId());
    }
  }

  private static @Nullable String clientOf(SendRequestHeader header) {
    byte[] properties = header.properties();
    return properties == null ? null : MessageProperties.find(properties, REPLY_TO_CLIENT);
  }

  private static void push(
      Exchange request,
      ReplyMessageRequestHeader pushed,
      ByteBuf body,
      ClientSession waiting,
      int queueId) {
    ClientConnection connection = request.connection();
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
                answer(request, queueId);
              } else {
                notSent(request, waiting.toString());
              }
            });
  }

  private void pushElsewhere(
      Exchange request,
      ReplyMessageRequestHeader pushed,
      ByteBuf body,
      String clientId,
      int queueId) {
    ClientConnection connection = request.connection();
    int bodyBytes = body.readableBytes();
    connection.hold(bodyBytes);
    others.send(
        Whom.client(clientId),
        ForClient.oneway(
            RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT, pushed, ByteBufUtil.getBytes(body)),
        new OtherNodes.Receiver() {
          @Override
          public void notFound() {
            connection.release(bodyBytes);
            request.answer(
                ResponseCode.SYSTEM_ERROR,
                "the client " + clientId + " is not connected to any node that can be reached");
          }

          @Override
          public void answered(RemotingCommand reply) {
            connection.release(bodyBytes);
            if (reply.code() == ResponseCode.SUCCESS) {
              answer(request, queueId);
            } else {
              notSent(request, clientId);
            }
          }

          @Override
          public void lost() {
            connection.release(bodyBytes);
            notSent(request, clientId);
          }
        });
  }

  private static void answer(Exchange request, int queueId) {
    request.answer(new SendResponseHeader(NO_ID, queueId, 0, null));
  }

  private static void notSent(Exchange request, String client) {
    request.answer(ResponseCode.SYSTEM_ERROR, "the reply could not be sent to " + client);
  }
}
