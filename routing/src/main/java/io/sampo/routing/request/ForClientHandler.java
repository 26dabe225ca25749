package io.sampo.routing.request;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sampo.actors.transaction.Producers;
import io.sampo.routing.net.Exchange;
import io.sampo.routing.request.ForClient.Whom;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What another node wants to be sent to a client that is connected to this one; see {@link
 * ForClient}. Only in envelopes: clients themselves can't ask for it.
 */
final class ForClientHandler implements RequestHandler {
  private final ConnectedClients clients;
  private final Producers producers;

  ForClientHandler(ConnectedClients clients, Producers producers) {
    this.clients = clients;
    this.producers = producers;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    Exchange request = new Exchange(session.connection(), command);
    session.begin(request, ClientCallHandler.LIMIT.toMillis());
    if (!request.isRelayed()) {
      request.answer(ResponseCode.REQUEST_CODE_NOT_SUPPORTED, "this is for nodes only");
      return;
    }
    ClientSession client = find(Whom.read(command.fields()));
    if (client == null) {
      request.answer(ResponseCode.CONSUMER_NOT_ONLINE, "no such client is connected here");
    } else if (!command.body().isReadable()) {
      request.answer(CommandHeader.NONE);
    } else {
      send(request, client, command);
    }
  }

  private @Nullable ClientSession find(Whom whom) {
    if (whom.clientId() != null) {
      return clients.find(whom.clientId());
    }
    return whom.producerGroup() != null
            && whom.logGroup() != null
            && producers.here(whom.producerGroup(), whom.logGroup()) instanceof ClientSession found
        ? found
        : null;
  }

  private static void send(Exchange request, ClientSession client, RemotingCommand command) {
    ForClient forClient;
    try {
      forClient = ForClient.decode(ByteBufUtil.getBytes(command.body()));
    } catch (IllegalArgumentException e) {
      request.answer(ResponseCode.INVALID_PARAMETER, String.valueOf(e.getMessage()));
      return;
    }
    if (forClient.wantsAnswer()) {
      ask(request, client, forClient, ClientCallHandler.LIMIT);
      return;
    }
    client
        .connection()
        .sendOneway(
            forClient.code(),
            forClient.header(),
            Unpooled.wrappedBuffer(forClient.body()),
            written -> {
              if (written) {
                request.answer(CommandHeader.NONE);
              } else {
                request.answer(ResponseCode.SYSTEM_ERROR, "that could not be sent to " + client);
              }
            });
  }

  private static void ask(
      Exchange request, ClientSession client, ForClient forClient, Duration limit) {
    client
        .connection()
        .ask(
            forClient.code(),
            forClient.header(),
            Unpooled.wrappedBuffer(forClient.body()),
            limit,
            reply -> ClientCallHandler.passOn(request, client.toString(), reply));
  }
}
