package io.sampo.wire.header;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.wire.HeaderCodec;
import io.sampo.wire.OfficialCommands;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The headers of queries against their official classes: theirs read by us, ours by them. */
class OfficialQueryHeaderTest {
  @ParameterizedTest
  @EnumSource
  void queriesByKey(HeaderCodec codec) {
    for (String type : new String[] {"", "K", "U", "T"}) {
      QueryMessageRequestHeader query =
          new QueryMessageRequestHeader("T", "a b", 32, 5, Long.MAX_VALUE, type.equals("U"), type);
      var official =
          OfficialCommands.toOfficial(
              query,
              codec,
              org.apache.rocketmq.remoting.protocol.header.QueryMessageRequestHeader.class);
      assertThat(official.getTopic()).isEqualTo("T");
      assertThat(official.getKey()).isEqualTo("a b");
      assertThat(official.getMaxNum()).isEqualTo(32);
      assertThat(official.getBeginTimestamp()).isEqualTo(5);
      assertThat(official.getEndTimestamp()).isEqualTo(Long.MAX_VALUE);
      assertThat(QueryMessageRequestHeader.read(OfficialCommands.fieldsOf(official, codec)))
          .isEqualTo(query);
      assertThat(QueryMessageRequestHeader.read(OfficialCommands.ownFieldsOf(query, codec)))
          .isEqualTo(query);
    }
    QueryMessageRequestHeader unique = new QueryMessageRequestHeader("T", "id", 32, 5, 6, true, "");
    assertThat(QueryMessageRequestHeader.read(OfficialCommands.ownFieldsOf(unique, codec)))
        .isEqualTo(unique);

    QueryMessageResponseHeader response = new QueryMessageResponseHeader(7, 1L << 40);
    var official =
        OfficialCommands.toOfficial(
            response,
            codec,
            org.apache.rocketmq.remoting.protocol.header.QueryMessageResponseHeader.class);
    assertThat(official.getIndexLastUpdateTimestamp()).isEqualTo(7);
    assertThat(official.getIndexLastUpdatePhyoffset()).isEqualTo(1L << 40);
    assertThat(QueryMessageResponseHeader.read(OfficialCommands.ownFieldsOf(response, codec)))
        .isEqualTo(response);
  }

  @ParameterizedTest
  @EnumSource
  void viewsByPlace(HeaderCodec codec) {
    ViewMessageRequestHeader view = new ViewMessageRequestHeader(1L << 50);
    var official =
        OfficialCommands.toOfficial(
            view,
            codec,
            org.apache.rocketmq.remoting.protocol.header.ViewMessageRequestHeader.class);
    assertThat(official.getOffset()).isEqualTo(1L << 50);
    assertThat(ViewMessageRequestHeader.read(OfficialCommands.fieldsOf(official, codec)))
        .isEqualTo(view);
  }
}
