//! `#[derive(Persist)]` for the parts of an engine's state: fields in order, an enum's variant by its number first.
//!
//! It is for the crate `shardbrook` alone, whose private trait it implements.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DataEnum, DeriveInput, Error, Field, Fields, Ident, Result, parse_macro_input};

/// Implements `Persist`. A field with `#[persist(skip)]` is not written, and starts with its default.
#[proc_macro_derive(Persist, attributes(persist))]
pub fn derive_persist(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    implement(&parse_macro_input!(input)).unwrap_or_else(Error::into_compile_error).into()
}

fn implement(input: &DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let (save, load) = match &input.data {
        Data::Struct(data) => {
            let (pattern, save, load) = fields(&data.fields)?;
            (quote!({ let Self #pattern = self; #save }), quote!(Self #load))
        }
        Data::Enum(data) => variants(data)?,
        Data::Union(data) => {
            return Err(Error::new_spanned(data.union_token, "which field of a union is written?"));
        }
    };
    Ok(quote! {
        impl crate::snapshot::Persist for #name {
            fn save(&self, to: &mut crate::snapshot::Writer<'_>) {
                #save
            }

            fn load(from: &mut crate::snapshot::Reader<'_>) -> Self {
                #load
            }
        }
    })
}

/// How an enum is written and read.
fn variants(data: &DataEnum) -> Result<(TokenStream, TokenStream)> {
    let count = u8::try_from(data.variants.len())
        .map_err(|_| Error::new_spanned(&data.variants, "at most 255 variants have numbers"))?;
    let (mut saves, mut loads) = (TokenStream::new(), Vec::new());
    for (number, variant) in (0..count).zip(&data.variants) {
        let name = &variant.ident;
        let (pattern, save, load) = fields(&variant.fields)?;
        saves.extend(quote!(Self::#name #pattern => { to.variant(#number); #save }));
        // The reader gives no other numbers; the last arm takes the last.
        let number = if number + 1 == count { quote!(_) } else { quote!(#number) };
        loads.push(quote!(#number => Self::#name #load,));
    }
    Ok((quote!(match self { #saves }), quote!(match from.variant(#count) { #(#loads)* })))
}

/// A pattern that binds the fields, how they are written, and an expression that reads them.
fn fields(fields: &Fields) -> Result<(TokenStream, TokenStream, TokenStream)> {
    let (mut patterns, mut saves, mut loads) = (Vec::new(), TokenStream::new(), Vec::new());
    for (place, field) in fields.iter().enumerate() {
        let bound = field.ident.clone().unwrap_or_else(|| format_ident!("field_{place}"));
        let label = field.ident.as_ref().map(|name: &Ident| quote!(#name:));
        if is_skipped(field)? {
            patterns.push(quote!(#label _));
            loads.push(quote!(#label ::core::default::Default::default()));
        } else {
            patterns.push(quote!(#bound));
            saves.extend(quote!(crate::snapshot::Persist::save(#bound, to);));
            loads.push(quote!(#label crate::snapshot::Persist::load(from)));
        }
    }
    Ok(match fields {
        Fields::Named(_) => (quote!({ #(#patterns),* }), saves, quote!({ #(#loads),* })),
        Fields::Unnamed(_) => (quote!((#(#patterns),*)), saves, quote!((#(#loads),*))),
        Fields::Unit => Default::default(),
    })
}

fn is_skipped(field: &Field) -> Result<bool> {
    let mut is_skipped = false;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("persist")) {
        attribute.parse_nested_meta(|meta| {
            is_skipped = meta.path.is_ident("skip");
            if is_skipped { Ok(()) } else { Err(meta.error("the only word here is skip")) }
        })?;
    }
    Ok(is_skipped)
}
