package dev.freshet.cdc.trigger;

import dev.freshet.cdc.pgoutput.RelationSchema;

/**
 * One column of a buffer's images.
 *
 * @param typeOid the source column's type, which may be a domain
 * @param text whether it is kept as output text, because its type has no send function
 */
record CapturedColumn(String name, int typeOid, int typeModifier, boolean text) {
  private static final int TEXT_OID = 25;

  /** The type that an image names for it while nobody has altered the source. */
  int imageType() {
    return text ? TEXT_OID : typeOid;
  }

  /** As a Relation message would describe it under replica identity FULL. */
  RelationSchema.Column described() {
    return new RelationSchema.Column(name, true, typeOid, typeModifier);
  }
}
