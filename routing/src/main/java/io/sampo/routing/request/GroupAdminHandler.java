package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.catalog.Catalog.GroupFound;
import io.sampo.actors.catalog.Catalog.GroupGone;
import io.sampo.actors.catalog.Catalog.GroupReply;
import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.OffsetKeeping.CommitReply;
import io.sampo.actors.consumer.OffsetKeeping.ForgetOffsets;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.GroupConfigData;
import io.sampo.wire.body.GroupConfigTable;
import io.sampo.wire.header.DeleteGroupRequestHeader;
import io.sampo.wire.header.GroupHeader;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Subscription groups as tools manage them, on a broker's port: created and changed (200), deleted
 * (207), with its offsets or without, shown (352, 201). As with topics, what is told to one broker
 * holds for all.
 */
final class GroupAdminHandler implements RequestHandler {
  private final Groups groups;
  private final LeaderCache leaders;

  GroupAdminHandler(Groups groups, LeaderCache leaders) {
    this.groups = groups;
    this.leaders = leaders;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    switch (command.code()) {
      case RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP ->
          put(session.begin(command), GroupConfigData.fromJson(command.body()));
      case RequestCode.DELETE_SUBSCRIPTIONGROUP ->
          delete(session.begin(command), DeleteGroupRequestHeader.read(command.fields()));
      case RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG ->
          show(session.begin(command), GroupHeader.read(command.fields()).group());
      case RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG -> showAll(session.begin(command));
      default -> throw new IllegalArgumentException("not about groups: " + command.code());
    }
  }

  private void put(Exchange request, GroupConfigData data) {
    if (!data.others().isEmpty()) {
      request.answer(
          ResponseCode.INVALID_PARAMETER,
          "these settings of a group are not supported yet: " + String.join(", ", data.others()));
      return;
    }
    groups.put(
        new SubscriptionGroupConfig(
            data.name(),
            data.consumeEnable(),
            data.consumeBroadcastEnable(),
            data.retryQueues(),
            data.retryMaxTimes(),
            data.notifyOnChange()),
        reply -> done(request, reply));
  }

  private void delete(Exchange request, DeleteGroupRequestHeader header) {
    String problem = CatalogRules.groupNameRefusal(header.group());
    if (problem != null) {
      request.answer(ResponseCode.INVALID_PARAMETER, problem);
    } else if (header.cleanOffset() && groups.known(header.group()) != null) {
      leaders.tellGroup(
          header.group(), new ForgetOffsets(reply -> onForgotten(request, header.group(), reply)));
    } else {
      groups.delete(header.group(), reply -> done(request, reply));
    }
  }

  /** The group goes only when its offsets are gone, so that a tool can ask again. */
  private void onForgotten(Exchange request, String group, CommitReply reply) {
    if (reply instanceof GroupRefused refused) {
      request.answer(Refusals.of(refused).code(), Refusals.of(refused).remark());
    } else {
      groups.delete(group, deleted -> done(request, deleted));
    }
  }

  private static void done(Exchange request, @Nullable GroupReply reply) {
    if (reply instanceof GroupFound || reply instanceof GroupGone) {
      request.answer(CommandHeader.NONE);
    } else if (reply instanceof CatalogRefused refused) {
      request.answer(ResponseCode.INVALID_PARAMETER, refused.reason());
    } else {
      request.answer(Refusals.CATALOG_SILENT.code(), Refusals.CATALOG_SILENT.remark());
    }
  }

  private void show(Exchange request, String name) {
    SubscriptionGroupConfig known = groups.known(name);
    if (known != null) {
      show(request, known);
    } else if (CatalogRules.groupNameRefusal(name) != null) {
      missing(request, name);
    } else {
      groups.lookUp(
          name,
          reply -> {
            if (reply instanceof GroupFound found) {
              show(request, found.group());
            } else if (reply == null) {
              request.answer(Refusals.CATALOG_SILENT.code(), Refusals.CATALOG_SILENT.remark());
            } else {
              missing(request, name);
            }
          });
    }
  }

  private static void show(Exchange request, SubscriptionGroupConfig group) {
    request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(data(group).toJson()));
  }

  private static void missing(Exchange request, String name) {
    request.answer(
        ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "the group " + name + " does not exist");
  }

  private void showAll(Exchange request) {
    List<GroupConfigData> all =
        groups.all().stream()
            .map(GroupAdminHandler::data)
            .sorted(Comparator.comparing(GroupConfigData::name))
            .toList();
    byte[] body = new GroupConfigTable(groups.revision(), all).toJson();
    request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(body));
  }

  private static GroupConfigData data(SubscriptionGroupConfig group) {
    return new GroupConfigData(
        group.name(),
        group.consumeEnable(),
        group.consumeBroadcastEnable(),
        group.retryQueues(),
        group.retryMaxTimes(),
        group.notifyOnChange(),
        List.of());
  }
}
